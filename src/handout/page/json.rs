//! JSON that may stand in a `<script>` of an HTML page.
//!
//! The reader of HTML looks for `</script` and `<!--` there and for nothing else, so no `<` is
//! written as itself: <https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>.

use std::io::{self, Write};

use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Compact JSON with `\u003c` for `<`.
pub(super) struct Embedded;

impl Formatter for Embedded {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut pieces = fragment.split('<');
        writer.write_all(pieces.next().unwrap_or_default().as_bytes())?;
        pieces.try_for_each(|piece| {
            writer.write_all(b"\\u003c")?;
            writer.write_all(piece.as_bytes())
        })
    }
}

/// What writes into a page.
pub(super) fn serializer<W: Write>(writer: W) -> Serializer<W, Embedded> {
    Serializer::with_formatter(writer, Embedded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize;

    use super::*;

    fn embedded(value: impl Serialize) -> String {
        let mut bytes = Vec::new();
        value.serialize(&mut serializer(&mut bytes)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn nothing_ends_or_opens_an_element() {
        let hostile = "<</script><!--<script>\0\r\n\u{2028}\"'\\";
        let expected = r#""\u003c\u003c/script>\u003c!--\u003cscript>\u0000\r\n"#.to_owned()
            + "\u{2028}\\\"'\\\\\"";
        assert_eq!(embedded(hostile), expected);
        assert_eq!(embedded(["<"; 2]), r#"["\u003c","\u003c"]"#);
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in any::<String>()) {
            let json = embedded(&text);
            prop_assert!(!json.contains(['<', '\n', '\r', '\0']));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
