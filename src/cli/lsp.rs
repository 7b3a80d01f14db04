//! `bootseed lsp`: a language server on standard input and output.

mod answers;
mod cursor;
mod document;
mod text;
mod topics;
mod transport;

use std::collections::HashMap;

use anyhow::Context;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Notification as _,
    PublishDiagnostics,
};
use lsp_types::request::{CodeActionRequest, Completion, HoverRequest, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability,
    CompletionOptions, CompletionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, HoverParams, HoverProviderCapability, PublishDiagnosticsParams,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Outcome;
use super::lint::{self, Chosen};
use document::Document;

/// Check, explain and complete user-data and parameter files in an editor
#[derive(clap::Args)]
#[command(after_help = "\
A language server: an editor starts it and speaks with it on standard input and output. It finds what
`bootseed lint` finds, explains and completes keys, and makes the safe repairs. Neovim:
  vim.lsp.start({ name = 'bootseed', cmd = { 'bootseed', 'lsp' } })
Helix (languages.toml):
  [language-server.bootseed]
  command = \"bootseed\"
  args = [\"lsp\"]

`[lint]` in the bootseed.toml of its folder counts here as well.")]
pub(super) struct Args {
    /// Accepted because some editors give it; there is no other way of speaking
    #[arg(long)]
    stdio: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Args { stdio: _ } = args;
    let chosen = Chosen::of(&lint::Args::default())?;
    let (connection, writer) = transport::start();
    let fine = serve(&connection, chosen);
    drop(connection);
    let _ = writer.join();
    Ok(if fine? { Outcome::Fine } else { Outcome::Mistakes })
}

fn capabilities() -> ServerCapabilities {
    let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL];
    let actions = CodeActionOptions { code_action_kinds: Some(kinds), ..Default::default() };
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions::default()),
        code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
        ..Default::default()
    }
}

/// Serves until the client ends it; was it told to shut down before?
fn serve(connection: &Connection, chosen: Chosen) -> anyhow::Result<bool> {
    let (id, _) = match connection.initialize_start() {
        Err(error) if error.channel_is_disconnected() => return Ok(false),
        result => result.context("cannot begin to speak with the editor")?,
    };
    let info = json!({"name": "bootseed", "version": env!("CARGO_PKG_VERSION")});
    let begin = json!({"capabilities": capabilities(), "serverInfo": info});
    if connection.initialize_finish(id, begin).is_err() {
        return Ok(false);
    }
    let mut server = Server { connection, chosen, documents: HashMap::new() };
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection
                    .handle_shutdown(&request)
                    .context("the editor did not end in order")?
                {
                    return Ok(true);
                }
                server.answer(request);
            }
            Message::Notification(notification) if notification.method == "exit" => {
                return Ok(false);
            }
            Message::Notification(notification) => server.take(notification),
            Message::Response(_) => {}
        }
    }
    Ok(false)
}

/// The open files.
struct Server<'a> {
    connection: &'a Connection,
    chosen: Chosen,
    documents: HashMap<String, Document>,
}

impl Server<'_> {
    /// Nobody is told if the client is gone: the next message is its end.
    fn send(&self, message: impl Into<Message>) {
        let _ = self.connection.sender.send(message.into());
    }

    fn answer(&self, request: Request) {
        let Request { id, method, params } = request;
        let found = match method.as_str() {
            HoverRequest::METHOD => read(params).map(|params| self.hover(&params)),
            Completion::METHOD => read(params).map(|params| self.completion(&params)),
            CodeActionRequest::METHOD => read(params).map(|params| self.actions(&params)),
            _ => {
                let message = format!("there is no {method} here");
                return self.send(Response::new_err(id, ErrorCode::MethodNotFound as i32, message));
            }
        };
        self.send(match found {
            Ok(value) => Response::new_ok(id, value),
            Err(message) => Response::new_err(id, ErrorCode::InvalidParams as i32, message),
        });
    }

    fn take(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        // There is no answer to a notification that cannot be read.
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Ok(DidOpenTextDocumentParams { text_document: open }) = read(params) else {
                    return;
                };
                let key = open.uri.as_str().to_owned();
                let document = Document::new(&key, open.version, open.text, &self.chosen);
                self.documents.insert(key, document);
                self.publish(open.uri);
            }
            DidChangeTextDocument::METHOD => {
                let Ok(change) = read::<DidChangeTextDocumentParams>(params) else { return };
                let whole = change.content_changes.into_iter().rfind(|one| one.range.is_none());
                let known = self.documents.get_mut(change.text_document.uri.as_str());
                if let (Some(document), Some(whole)) = (known, whole) {
                    document.change(change.text_document.version, whole.text, &self.chosen);
                    self.publish(change.text_document.uri);
                }
            }
            DidCloseTextDocument::METHOD => {
                let Ok(close) = read::<DidCloseTextDocumentParams>(params) else { return };
                self.documents.remove(close.text_document.uri.as_str());
                self.publish(close.text_document.uri);
            }
            _ => {}
        }
    }

    /// What was found in a file; nothing in one that is closed.
    fn publish(&self, uri: Uri) {
        let document = self.documents.get(uri.as_str());
        let diagnostics = document.map(|one| answers::diagnostics(one, &uri)).unwrap_or_default();
        let version = document.and_then(|document| document.version);
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.send(Notification::new(PublishDiagnostics::METHOD.to_owned(), params));
    }

    fn hover(&self, params: &HoverParams) -> Value {
        let at = &params.text_document_position_params;
        let document = self.documents.get(at.text_document.uri.as_str());
        json!(document.and_then(|document| answers::hover(document, at.position)))
    }

    fn completion(&self, params: &CompletionParams) -> Value {
        let at = &params.text_document_position;
        let document = self.documents.get(at.text_document.uri.as_str());
        json!(document.map(|document| answers::completion(document, at.position)))
    }

    fn actions(&self, params: &CodeActionParams) -> Value {
        let uri = &params.text_document.uri;
        let document = self.documents.get(uri.as_str());
        json!(document.map(|document| answers::actions(document, params, &self.chosen)))
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}
