//! YAML with tags, as templates of CloudFormation have it.
//!
//! In: a text. Out: its one document, in which a tag is the function that it is short for, and every
//! scalar but null, true and false a text; or nothing, where it is not YAML or nested too deep.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use serde_json::{Map, Value};

/// Lists and maps in one another.
const DEEPEST: usize = 100;

/// Plain scalars that are not text.
const WORDS: &[&str] = &["", "~", "null", "true", "false"];

pub(super) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    let value = loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(_) => {}
            event => break reader.value(event, 0)?,
        }
    };
    let one = matches!((reader.next()?, reader.next()?), (Event::DocumentEnd, Event::StreamEnd));
    one.then_some(value)
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Event<'a>> {
        self.parser.next_event()?.ok().map(|(event, _)| event)
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        Some(match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if WORDS.contains(&&*text) => Value::Null,
            Event::Scalar(text, _, _, tag) => function(tag.as_deref(), Value::String(text.into())),
            Event::SequenceStart(_, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.value(event, depth + 1)?),
                    }
                }
                function(tag.as_deref(), Value::Array(items))
            }
            Event::MappingStart(_, tag) => {
                let mut map = Map::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => break,
                        event => self.value(event, depth + 1)?,
                    };
                    let event = self.next()?;
                    let value = self.value(event, depth + 1)?;
                    if let Value::String(key) = key {
                        map.insert(key, value);
                    }
                }
                function(tag.as_deref(), Value::Object(map))
            }
            _ => Value::Null,
        })
    }
}

/// What a tag of CloudFormation is short for.
fn function(tag: Option<&Tag>, value: Value) -> Value {
    let name = match tag {
        Some(tag) if !tag.is_yaml_core_schema() => match &*tag.suffix {
            name @ ("Base64" | "Sub" | "Join") => format!("Fn::{name}"),
            _ => "Ref".into(),
        },
        _ => return value,
    };
    Value::Object([(name, value)].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tags_are_functions() {
        let text =
            "a: !Base64\n  Fn::Sub: |\n    x\nb: [!Ref Name, 'true', true, 3.10]\n? [k]\n: 1\n";
        let expected = json!({
            "a": {"Fn::Base64": {"Fn::Sub": "x\n"}},
            "b": [{"Ref": "Name"}, "true", null, "3.10"],
        });
        assert_eq!(read(text), Some(expected));
        for text in ["a: 1\n---\nb: 1\n", "a: [", "", &"- ".repeat(200)] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
