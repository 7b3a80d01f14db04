//! Words as nginx reads them, as far as rendered files use its quoting: written from nginx's
//! `ngx_conf_read_token`, not from the code under test.

/// The words behind the first directive of this name.
pub fn directive(site: &str, name: &str) -> Vec<String> {
    let start = format!("  {name} ");
    let Some(at) = site.find(&start) else { return Vec::new() };
    nginx(&site[at + start.len()..])
}

fn nginx(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ ('"' | '\'' | '\\')) => word.push(next),
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                next => word.extend(std::iter::once('\\').chain(next)),
            },
            '"' => quote = !quote,
            ' ' | ';' if !quote => {
                words.push(std::mem::take(&mut word));
                if c == ';' {
                    return words;
                }
            }
            _ => word.push(c),
        }
    }
    panic!("no end of the directive: {text}")
}
