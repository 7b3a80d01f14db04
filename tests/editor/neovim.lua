-- Opens $FILE with `$PROGRAM lsp`, and writes to $REPORT as JSON what
-- the editor was told; then makes the first repair and saves.
local file, report, program = vim.env.FILE, vim.env.REPORT, vim.env.PROGRAM
vim.cmd('edit ' .. vim.fn.fnameescape(file))
local id = vim.lsp.start_client({ name = 'bootseed', cmd = { program, 'lsp' } })
vim.lsp.buf_attach_client(0, id)
local found = {}
vim.wait(20000, function()
  found = vim.diagnostic.get(0)
  return #found > 0
end, 20)

local function at(line, character)
  return {
    textDocument = vim.lsp.util.make_text_document_params(),
    position = { line = line, character = character },
  }
end
local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 10000)
  return answers and answers[id] and answers[id].result
end

local first = found[1]
for _, one in ipairs(found) do
  if one.code == 'unknown-key' then first = one end
end
local result = {
  found = found,
  hover = ask('textDocument/hover', at(2, 2)),
  completion = ask('textDocument/completion', at(4, 8)),
}
local range = {
  start = { line = first.lnum, character = 0 },
  ['end'] = { line = first.lnum, character = 1 },
}
local actions = ask('textDocument/codeAction', {
  textDocument = vim.lsp.util.make_text_document_params(),
  range = range,
  context = { diagnostics = {}, only = { 'quickfix' } },
})
vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
vim.cmd('write')
local client = vim.lsp.get_client_by_id(id)
client.stop()
result.stopped = vim.wait(10000, function() return client.is_stopped() end, 20)
vim.fn.writefile({ vim.json.encode(result) }, report)
vim.cmd('qall!')
