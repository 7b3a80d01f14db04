//! Texts with `{{ student.COLUMN }}` in them.
//!
//! In: a text of the parameter file, and the columns of the roster. Out: a [`Text`], and from it
//! the text of each student. What stands between `{{` and `}}` is an expression of Jinja about
//! `student`, filters included (`{{ student.name | slug }}`); any other `{{ … }}` is left alone,
//! since it belongs to whatever the text is made for.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use super::expression::{end_of, is_about_student, is_name, names, next_expression};
use super::filler::Filler;
use super::manner::{Manner, Quote};
use super::shell::{self, Spot};
use crate::diagnostic::nearest;

/// A text, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pieces: Vec<Piece>,
    /// Numbers of the columns that are used, each once.
    columns: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(String),
    /// A value, and how it is written.
    Value(What, Quote),
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// The cell of a column.
    Cell(usize),
    /// The expression, and the columns in it.
    Computed(String, Vec<usize>),
}

/// What is wrong with a text, or with what a student gives for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TextError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The column that it comes from, if it is one.
    pub column: Option<usize>,
    /// The words in the text that it is about, if they are few.
    pub words: Option<String>,
}

impl Text {
    /// Takes `text` apart. `None` if there is nothing of the student in it.
    ///
    /// # Errors
    /// No column of that name, an expression that is none, or `}}` is missing.
    pub fn parse(text: &str, header: &[String]) -> Result<Option<Text>, TextError> {
        Text::read(text, header, Manner::Plain)
    }

    /// The same of a text that is read by somebody in particular.
    ///
    /// # Errors
    /// Also a place where no cell can be written.
    pub(super) fn read(
        text: &str,
        header: &[String],
        manner: Manner,
    ) -> Result<Option<Text>, TextError> {
        // What stands before a value; earlier values are as harmless as a letter.
        let mut so_far = String::new();
        let mut pieces = Vec::new();
        let (mut rest, mut literal) = (text, String::new());
        while let Some((before, expression, after)) = next_expression(rest)? {
            literal.push_str(before);
            if is_about_student(expression) {
                so_far.push_str(&literal);
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Value(what(expression, header)?, manner.quote(&so_far)));
                check_spot(&pieces, expression)?;
                so_far.push('x');
            } else {
                literal.push_str(&rest[before.len()..rest.len() - after.len()]);
            }
            rest = after;
        }
        if pieces.is_empty() {
            return Ok(None);
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        let mut columns = Vec::new();
        for column in pieces.iter().flat_map(Piece::columns) {
            if !columns.contains(column) {
                columns.push(*column);
            }
        }
        Ok(Some(Text { pieces, columns }))
    }

    /// The first `{{ … }}` about the student in a text, or its beginning where it has no end.
    pub fn mention(text: &str) -> Option<&str> {
        let mut rest = text;
        loop {
            let start = rest.find("{{")?;
            let inside = &rest[start + 2..];
            let end = end_of(inside).map_or(inside.len(), |end| end + 2);
            if is_about_student(inside) {
                return Some(&rest[start..start + 2 + end]);
            }
            rest = &inside[end..];
        }
    }

    /// The cell of a column as it stands.
    pub fn column(column: usize) -> Text {
        Text { pieces: vec![Piece::Value(What::Cell(column), Quote::Plain)], columns: vec![column] }
    }

    /// Numbers of the columns that are used, from 0.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The text of the student whose cells these are.
    ///
    /// # Errors
    /// A cell that is used is empty, or a filter cannot take it.
    pub fn fill(
        &self,
        header: &Arc<[String]>,
        cells: &[String],
        filler: &Filler,
    ) -> Result<String, TextError> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Value(what, quote) => {
                    let (value, safe) = what.value(header, cells, filler)?;
                    let quote = match quote {
                        // What `e` and `tojson` call safe is so for a browser alone.
                        Quote::Html if safe => Quote::Plain,
                        Quote::Shell(_) if what.is_said_safe() => Quote::Plain,
                        other => *other,
                    };
                    text.push_str(&quote.write(&value).map_err(|why| what.refused(why))?);
                }
            }
        }
        Ok(text)
    }
}

impl Piece {
    fn columns(&self) -> &[usize] {
        match self {
            Piece::Literal(_) => &[],
            Piece::Value(what, _) => what.columns(),
        }
    }
}

impl What {
    fn columns(&self) -> &[usize] {
        match self {
            What::Cell(column) => std::slice::from_ref(column),
            What::Computed(_, columns) => columns,
        }
    }

    /// Does the expression end in `| safe`?
    fn is_said_safe(&self) -> bool {
        match self {
            What::Cell(_) => false,
            What::Computed(expression, _) => says_safe(expression),
        }
    }

    /// The value for a student, and whether it is marked as safe in HTML.
    fn value<'c>(
        &self,
        header: &Arc<[String]>,
        cells: &'c [String],
        filler: &Filler,
    ) -> Result<(Cow<'c, str>, bool), TextError> {
        match self {
            What::Cell(column) => match cells.get(*column).filter(|cell| !cell.is_empty()) {
                Some(cell) => Ok((Cow::Borrowed(cell), false)),
                None => Err(empty(*column, header)),
            },
            What::Computed(expression, columns) => {
                let computed = filler.compute(expression, header, cells);
                let (text, safe) =
                    computed.map_err(|error| wrong(&error, columns, header, cells))?;
                Ok((Cow::Owned(text), safe))
            }
        }
    }

    fn refused(&self, why: &str) -> TextError {
        let (message, help) = (why.to_owned(), "correct the cell".to_owned());
        TextError { message, help, column: self.columns().first().copied(), words: None }
    }
}

fn what(expression: &str, header: &[String]) -> Result<What, TextError> {
    let plain = expression.trim().strip_prefix("student.").filter(|name| is_name(name));
    if let Some(name) = plain {
        return column(name, header).map(What::Cell);
    }
    if let Some(name) = header.iter().find(|name| !is_name(name) && is_meant(expression, name)) {
        let message = format!("`student.{name}` is not read as one name");
        let help = format!("write {{{{ student[\"{name}\"] }}}}");
        return Err(TextError {
            message,
            help,
            column: None,
            words: Some(format!("student.{name}")),
        });
    }
    let mut columns = Vec::new();
    for name in names(expression)? {
        columns.push(column(&name, header)?);
    }
    Ok(What::Computed(expression.to_owned(), columns))
}

fn says_safe(expression: &str) -> bool {
    expression.rsplit_once('|').is_some_and(|(_, filter)| filter.trim() == "safe")
}

/// Refuses a place in a command where no cell can be written, unless the expression says that it is
/// safe there.
fn check_spot(pieces: &[Piece], expression: &str) -> Result<(), TextError> {
    let Some(Piece::Value(_, Quote::Shell(Spot::Odd(place)))) = pieces.last() else {
        return Ok(());
    };
    if says_safe(expression) {
        return Ok(());
    }
    let words = expression.trim();
    let help = match *place {
        shell::ANOTHER => format!(
            "hand it over as an argument: bash -c 'echo \"$1\"' bash {{{{ {words} }}}}; for a cell \
             that is a command, write {{{{ {words} | safe }}}}"
        ),
        _ => format!(
            "put it into a variable first: it={{{{ {words} }}}}, and write \"$it\" here; for a cell \
             that is a piece of a command, write {{{{ {words} | safe }}}}"
        ),
    };
    let message = format!("a cell cannot be quoted {place}, and would be run as it stands");
    Err(TextError { message, help, column: None, words: Some(words.into()) })
}

/// The number of the column `name`.
fn column(name: &str, header: &[String]) -> Result<usize, TextError> {
    if let Some(column) = header.iter().position(|known| known == name) {
        return Ok(column);
    }
    let help = match nearest(name, header.iter().map(String::as_str)) {
        None if header.len() == 1 => format!(
            "the only column is `{}`: if that is a title, remove it, for the first row names the \
             columns",
            header[0]
        ),
        Some(near) if is_name(near) => format!("did you mean `student.{near}`?"),
        Some(near) => format!("did you mean `student[\"{near}\"]`?"),
        None => format!("the columns are: {}", header.join(", ")),
    };
    let message = format!("the roster has no column `{name}`");
    Err(TextError { message, help, column: None, words: Some(name.into()) })
}

/// Is a column of this name, which is no single word, written behind `student.`?
fn is_meant(expression: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let mut places = expression.split("student.").skip(1);
    places.any(|rest| rest.strip_prefix(name).is_some_and(ends))
}

fn empty(column: usize, header: &[String]) -> TextError {
    let name = &header[column];
    let message = format!("the cell of `{name}` is empty");
    let help = if is_name(name) {
        format!("fill it in, or give a default: {{{{ student.{name} | default(\"…\") }}}}")
    } else {
        format!("fill it in, or give a default: {{{{ student[\"{name}\"] | default(\"…\") }}}}")
    };
    TextError { message, help, column: Some(column), words: None }
}

/// Why an expression has no value for this student.
fn wrong(error: &Error, columns: &[usize], header: &[String], cells: &[String]) -> TextError {
    let is_empty = |column: &&usize| cells.get(**column).is_none_or(String::is_empty);
    match columns.iter().find(is_empty) {
        Some(column) if error.kind() == ErrorKind::UndefinedError => empty(*column, header),
        _ => TextError {
            message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
            help: "correct the cell, or the expression in the parameter file".into(),
            column: columns.first().copied(),
            words: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Arc<[String]> {
        ["id", "name", "phone", "학번", "E-mail address"].map(String::from).into()
    }

    const CELLS: [&str; 5] = ["s7", "김철수", "", "20240001", "a@b.kr"];

    fn fill(text: &str) -> Result<String, TextError> {
        let cells = CELLS.map(String::from);
        let parsed = Text::parse(text, &header())?;
        parsed.map_or(Ok("nothing".into()), |one| one.fill(&header(), &cells, &Filler::default()))
    }

    #[test]
    fn cells_come_into_texts() {
        for (text, expected) in [
            ("lab-{{ student.id }}", "lab-s7"),
            ("{{student.id}}{{ student.name }}!", "s7김철수!"),
            ("{{ student.학번 }}", "20240001"),
            ("{{ student[\"E-mail address\"] }}", "a@b.kr"),
            ("{{ student.name | slug }}", "gimcheolsu"),
            ("{{ student.phone | default(\"none}}\") }}", "none}}"),
            ("{{ student.id if student.phone else 'x' }}", "x"),
            ("{{ (student.id ~ '-1') | upper }}", "S7-1"),
            ("<p>{{ student.id }}</p> {{ message }} {{", "<p>s7</p> {{ message }} {{"),
            ("{{ it's }} {{ student.id }}", "{{ it's }} s7"),
            ("{{ students }}", "nothing"),
            ("no braces", "nothing"),
        ] {
            assert_eq!(fill(text).map_err(|e| e.to_string()), Ok(expected.into()), "{text}");
        }
    }

    #[test]
    fn a_cell_is_written_for_who_reads_it() {
        let header: Arc<[String]> = ["name".to_owned()].into();
        let cells = ["<O'Brien> $(x)".to_owned()];
        for (text, manner, expected) in [
            ("echo {{ student.name }}", Manner::Shell, r"echo '<O'\''Brien> $(x)'"),
            ("echo \"{{ student.name }}\"", Manner::Shell, "echo \"<O'Brien> \\$(x)\""),
            ("echo {{ student.name | safe }}", Manner::Shell, "echo <O'Brien> $(x)"),
            ("echo {{ student.name | lower }}", Manner::Shell, r"echo '<o'\''brien> $(x)'"),
            ("echo {{ student.name | e }}", Manner::Shell, "echo '&lt;O&#x27;Brien&gt; $(x)'"),
            ("<b>{{ student.name | e }}", Manner::Html, "<b>&lt;O&#x27;Brien&gt; $(x)"),
            ("cat <<END\n{{ student.name | safe }}", Manner::Shell, "cat <<END\n<O'Brien> $(x)"),
            ("<b>{{ student.name }}", Manner::Html, "<b>&lt;O&#39;Brien&gt; $(x)"),
            ("<b>{{ student.name|safe }}", Manner::Html, "<b><O'Brien> $(x)"),
            ("<b>{{ student.name }}", Manner::Plain, "<b><O'Brien> $(x)"),
        ] {
            let parsed = Text::read(text, &header, manner).unwrap().unwrap();
            assert_eq!(parsed.fill(&header, &cells, &Filler::default()).unwrap(), expected);
        }
        for text in ["cat <<END\n{{ student.name }}", "sh -c 'echo {{ student.name | slug }}'"] {
            let error = Text::read(text, &header, Manner::Shell).unwrap_err();
            assert!(error.message.contains("cannot be quoted"), "{error:?}");
        }
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, message, help) in [
            ("{{ student.nam }}", "the roster has no column `nam`", "`student.name`?"),
            ("{{ student.이름 | slug }}", "the roster has no column `이름`", "the columns are: id"),
            ("{{ student.E-mail address }}", "not read as one name", "student[\"E-mail address\"]"),
            ("{{ student[\"E-mail adress\"] }}", "no column", "student[\"E-mail address\"]"),
            ("{{ student.phone }}", "the cell of `phone` is empty", "default(\"…\")"),
            ("{{ student.phone | slug }}", "the cell of `phone` is empty", "student.phone |"),
            ("{{ student.id", "`}}` is missing", "write it as"),
            ("{{ student.id | }}", "is no expression", "write it as"),
            ("{{ student.id | slugg }}", "unknown", ""),
            ("{{ student }}{{ student.id / 2 }}", "", "correct the cell"),
        ] {
            let error = fill(text).unwrap_err();
            assert!(error.message.contains(message), "{text}: {error:?}");
            assert!(error.help.contains(help), "{text}: {error:?}");
        }
    }

    #[test]
    fn the_columns_of_a_text_are_known() {
        let text = "{{ student.name }} {{ student.id | slug }} {{ student['name'] }}";
        assert_eq!(Text::parse(text, &header()).unwrap().unwrap().columns(), [1, 0]);
    }
}
