//! One parameter set from outside: `PATH=VALUE`.

use std::sync::Arc;

use serde_json::Value;

use super::shape;
use crate::diagnostic::{Diagnostic, Report, conceal};
use crate::source::{Kind, Node, Path, PathError, Source, Span, parse};

/// Sets the parameter at PATH in `tree`. A text parameter gets VALUE as it stands; any other gets
/// it read as YAML, so that `true`, `8080` and `[a, b]` are what they look like. `PATH+=VALUE` adds
/// VALUE to the end of a list; where the list is of texts, `[a, b]` adds two.
///
/// # Errors
/// A diagnostic that shows the assignment: no `=`, a path that is none, or a VALUE that is no
/// YAML. Whether there is such a parameter is found out when the tree is loaded.
pub fn assign(tree: &mut Node, assignment: &str) -> Result<(), Report> {
    let source = match assignment.split_once('=') {
        Some((path, _)) => Source::new(format!("--set {}", conceal(path)), assignment),
        None => Source::new("--set", assignment),
    };
    let span = Span::new(&source, 0..assignment.len());
    let wrong = |message: String| {
        let help = "write PATH=VALUE, such as conda.environments[0].name=web";
        Report::from(Diagnostic::error("assignment", message).at_span(span.clone()).help(help))
    };
    let (path, value) =
        assignment.split_once('=').ok_or_else(|| wrong("there is no `=` in it".into()))?;
    if let Some(path) = path.strip_suffix('+') {
        return append(tree, path, value, &span);
    }
    let odd = |error: &PathError| {
        Report::from(
            Diagnostic::error("assignment", conceal(&format!("{error}"))).at_span(span.clone()),
        )
    };
    let at: Path = path.parse().map_err(|error| odd(&error))?;
    let written = Span::new(&source, 0..path.len());
    let node = match shape::at(shape::own(), &at) {
        Some(schema) if is_text(schema, value) => {
            let span = Span::new(&source, path.len() + 1..assignment.len());
            Node::scalar(value, false, span)
        }
        _ => parse_value(path, value)?,
    };
    tree.set_written(&at, node, &written).map_err(wrong)
}

/// Adds to the end of the list at `path`.
fn append(tree: &mut Node, path: &str, value: &str, span: &Span) -> Result<(), Report> {
    let wrong = |message: String, help: &str| {
        Report::from(Diagnostic::error("assignment", message).at_span(span.clone()).help(help))
    };
    let help = "write PATH+=VALUE, such as packages+=git";
    let at: Path = path.parse().map_err(|e: PathError| wrong(conceal(&e.to_string()), help))?;
    let schema = shape::at(shape::own(), &at);
    if schema.is_some_and(|schema| schema.get("items").is_none()) {
        let help = format!("write `{at}=…`, which replaces it");
        return Err(wrong(format!("`{at}` is no list that something could be added to"), &help));
    }
    let count = tree.get(&at).map_or(0, |list| list.items().len());
    let of_texts = schema.is_some_and(|schema| schema["items"]["type"] == "string");
    let several = of_texts && value.starts_with('[');
    let items = match shape::at(shape::own(), &at.index(count)) {
        _ if several => parse_value(path, value)?.items().to_vec(),
        Some(schema) if is_text(schema, value) => vec![Node::scalar(value, false, span.clone())],
        _ => vec![parse_value(path, value)?],
    };
    for (i, item) in items.into_iter().enumerate() {
        tree.set_written(&at.index(count + i), item, span).map_err(|why| wrong(why, help))?;
    }
    Ok(())
}

/// The value that a cell of a table gives to the parameter `at`, as [`assign`] would read it; a list
/// of texts may also be written without brackets, one item a line.
///
/// # Errors
/// The cell is no YAML where it should be.
pub fn cell_value(at: &Path, cell: &Arc<Source>) -> Result<Node, Report> {
    let (text, span) = (cell.text(), Span::new(cell, 0..cell.text().len()));
    let Some(schema) = shape::at(shape::own(), at) else {
        return parse(cell).map_err(Report::from);
    };
    if is_text(schema, text) {
        return Ok(Node::scalar(text, false, span));
    }
    if schema["items"]["type"] == "string" && !text.starts_with('[') {
        let item = |line: &str| Node::scalar(line.trim(), false, span.clone());
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        return Ok(Node { kind: Kind::List(lines.map(item).collect()), span: span.clone() });
    }
    parse(cell).map_err(Report::from)
}

/// Is VALUE a text as it stands? Where a list would do as well, a list begins with `[`.
fn is_text(schema: &Value, value: &str) -> bool {
    let one_of = |branches: &Value| {
        let branches = branches.as_array().map(Vec::as_slice).unwrap_or_default();
        branches.iter().any(|branch| branch["type"] == "string") && !value.starts_with('[')
    };
    schema["type"] == "string"
        || schema.get("oneOf").is_some()
        || schema.get("enum").is_some()
        || schema.get("anyOf").is_some_and(one_of)
}

fn parse_value(path: &str, value: &str) -> Result<Node, Report> {
    let source = Source::new(format!("--set {}", conceal(path)), value);
    parse(&source).map_err(|errors| {
        let first = errors.into_iter().next();
        let (message, help) = first.map(|error| (error.message, error.help)).unwrap_or_default();
        let span = Span::new(&source, 0..value.len());
        let diagnostic = Diagnostic::error("assignment", message).at_span(span);
        let quoted = "in a shell, put the whole in single quotes: --set 'packages=[git, curl]'";
        Report::from(diagnostic.help(help.unwrap_or_else(|| quoted.into())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_type_of_its_parameter() {
        for (path, cell, json) in [
            ("hostname", "3.10", r#""3.10""#),
            ("web.port", "8080", "8080"),
            ("packages", "git\n jq \n", r#"["git","jq"]"#),
            ("packages", "[git, jq]", r#"["git","jq"]"#),
            (
                "users[0].ssh_authorized_keys",
                "ssh-ed25519 AAAA kim: x",
                r#"["ssh-ed25519 AAAA kim: x"]"#,
            ),
            ("run[0]", "echo a: b", r#""echo a: b""#),
            ("cloud_config.ssh_pwauth", "true", "true"),
        ] {
            let value = cell_value(&path.parse().unwrap(), &Source::new("cell", cell)).unwrap();
            assert_eq!(value.to_json().to_string(), json, "{path}");
        }
        assert!(cell_value(&"web".parse().unwrap(), &Source::new("cell", "{a")).is_err());
    }

    #[test]
    fn a_list_grows_at_its_end() {
        let mut tree = parse(&Source::new("x", "packages: [a]")).unwrap();
        for assignment in [
            "packages+=b",
            "packages+=[c, d]",
            "run+=echo 'a: b'",
            "run+=[echo, x]",
            "users+={name: kim}",
            "users[0].groups+=docker",
            "cloud_config.ntp.servers+=1.example",
        ] {
            assign(&mut tree, assignment).unwrap();
        }
        let expected = r#"{"packages":["a","b","c","d"],"run":["echo 'a: b'",["echo","x"]],"users":[{"name":"kim","groups":["docker"]}],"cloud_config":{"ntp":{"servers":["1.example"]}}}"#;
        assert_eq!(tree.to_json().to_string(), expected);
        assert!(assign(&mut tree, "hostname+=a").is_err());
    }

    #[test]
    fn a_value_has_the_type_of_its_parameter() {
        let mut tree = parse(&Source::new("x", "hostname: a")).unwrap();
        for assignment in [
            "hostname=3.10",
            "web.port=8080",
            "packages=[a, b]",
            "run[0]=echo \"a: b\" # c",
            "run[1]=[echo, 'a: b']",
            "conda.accept_anaconda_terms=true",
            "conda.environments[0].python=3.10",
        ] {
            assign(&mut tree, assignment).unwrap();
        }
        let expected = r#"{"hostname":"3.10","web":{"port":8080},"packages":["a","b"],"run":["echo \"a: b\" # c",["echo","a: b"]],"conda":{"accept_anaconda_terms":true,"environments":[{"python":"3.10"}]}}"#;
        assert_eq!(tree.to_json().to_string(), expected);
    }
}
