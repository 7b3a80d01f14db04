//! Texts with `{{ student.COLUMN }}` in them.
//!
//! In: a text of the parameter file, and the columns of the roster. Out: a [`Text`], and from it
//! the text of each student. What stands between `{{` and `}}` is an expression of Jinja about
//! `student`, filters included (`{{ student.name | slug }}`); any other `{{ … }}` is left alone,
//! since it belongs to whatever the text is made for.

use std::fmt;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::slug;
use crate::diagnostic::nearest;

/// What an expression is about.
const STUDENT: &str = "student";

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
    /// The cell of a column as it stands.
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

/// Fills texts in. It is kept, since setting it up takes longer than a text.
pub struct Filler(Environment<'static>);

impl Text {
    /// Takes `text` apart. `None` if there is nothing of the student in it.
    ///
    /// # Errors
    /// No column of that name, an expression that is none, or `}}` is missing.
    pub fn parse(text: &str, header: &[String]) -> Result<Option<Text>, TextError> {
        let mut pieces = Vec::new();
        let (mut rest, mut literal) = (text, String::new());
        while let Some((before, expression, after)) = next_expression(rest)? {
            literal.push_str(before);
            if is_about_student(expression) {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(piece(expression, header)?);
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
        Text { pieces: vec![Piece::Cell(column)], columns: vec![column] }
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
                Piece::Cell(column) => match cells.get(*column).filter(|cell| !cell.is_empty()) {
                    Some(cell) => text.push_str(cell),
                    None => return Err(empty(*column, header)),
                },
                Piece::Computed(expression, columns) => {
                    let student = Student { header: Arc::clone(header), cells: cells.to_vec() };
                    let computed = filler.compute(expression, student);
                    text.push_str(
                        &computed.map_err(|error| wrong(&error, columns, header, cells))?,
                    );
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
            Piece::Cell(column) => std::slice::from_ref(column),
            Piece::Computed(_, columns) => columns,
        }
    }
}

impl Default for Filler {
    fn default() -> Filler {
        let mut environment = Environment::new();
        // An empty cell may be tested and have a default, but not be written.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.add_filter("slug", |text: String| {
            slug(&text).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
        });
        Filler(environment)
    }
}

impl Filler {
    fn compute(&self, expression: &str, student: Student) -> Result<String, Error> {
        let context = context! { student => Value::from_object(student) };
        self.0.render_str(&format!("{{{{{expression}}}}}"), context)
    }
}

impl fmt::Debug for Filler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filler")
    }
}

/// A row of the roster by the names of its columns. An empty cell is like none.
struct Student {
    header: Arc<[String]>,
    cells: Vec<String>,
}

/// Cells may hold what nobody must see.
impl fmt::Debug for Student {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.header.iter()).finish()
    }
}

impl Object for Student {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let column = self.header.iter().position(|name| Some(name.as_str()) == key.as_str())?;
        self.cells.get(column).filter(|cell| !cell.is_empty()).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.header.iter().map(Value::from).collect())
    }
}

/// What is before the next `{{ … }}`, what is in it, and what follows.
fn next_expression(text: &str) -> Result<Option<(&str, &str, &str)>, TextError> {
    let Some((before, inside)) = text.split_once("{{") else { return Ok(None) };
    match end_of(inside) {
        Some(end) => Ok(Some((before, &inside[..end], &inside[end + 2..]))),
        None if is_about_student(inside) => Err(TextError {
            message: "`}}` is missing behind `{{ student`".into(),
            help: "write it as {{ student.COLUMN }}".into(),
            column: None,
            words: Some("{{".into()),
        }),
        None => Ok(None),
    }
}

/// Where `}}` is, outside of quotes.
fn end_of(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '}') if text[at..].starts_with("}}") => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    // A quote that is not closed belongs to the text and not to an expression.
    text.find("}}")
}

fn is_about_student(expression: &str) -> bool {
    let rest = expression.trim_start().trim_start_matches('(').trim_start().strip_prefix(STUDENT);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn piece(expression: &str, header: &[String]) -> Result<Piece, TextError> {
    let plain = expression.trim().strip_prefix("student.").filter(|name| is_name(name));
    if let Some(name) = plain {
        return column(name, header).map(Piece::Cell);
    }
    let mut columns = Vec::new();
    for name in names(expression)? {
        columns.push(column(&name, header)?);
    }
    Ok(Piece::Computed(expression.to_owned(), columns))
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The columns that an expression names, as `student.NAME` or `student["NAME"]`.
fn names(expression: &str) -> Result<Vec<String>, TextError> {
    let filler = Filler::default();
    if let Err(error) = filler.0.compile_expression(expression) {
        let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        return Err(TextError {
            message: format!("`{{{{{expression}}}}}` is no expression{detail}"),
            help: "write it as {{ student.COLUMN }} or {{ student[\"COLUMN\"] | slug }}".into(),
            column: None,
            words: Some(expression.trim().into()),
        });
    }
    let mut found = Vec::new();
    for (at, _) in expression.match_indices(STUDENT) {
        let rest = expression[at + STUDENT.len()..].trim_start();
        if let Some(rest) = rest.strip_prefix('.') {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            found.push(rest[..end.unwrap_or(rest.len())].to_owned());
        } else if let Some(rest) = rest.strip_prefix('[') {
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let name = quote.and_then(|quote| rest[1..].split_once(quote));
            found.extend(name.map(|(name, _)| name.to_owned()));
        }
    }
    Ok(found)
}

/// The number of the column `name`.
fn column(name: &str, header: &[String]) -> Result<usize, TextError> {
    if let Some(column) = header.iter().position(|known| known == name) {
        return Ok(column);
    }
    let help = match nearest(name, header.iter().map(String::as_str)) {
        Some(near) if is_name(near) => format!("did you mean `student.{near}`?"),
        Some(near) => format!("did you mean `student[\"{near}\"]`?"),
        None => format!("the columns are: {}", header.join(", ")),
    };
    let message = format!("the roster has no column `{name}`");
    Err(TextError { message, help, column: None, words: Some(name.into()) })
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
    fn mistakes_are_explained() {
        for (text, message, help) in [
            ("{{ student.nam }}", "the roster has no column `nam`", "`student.name`?"),
            ("{{ student.이름 | slug }}", "the roster has no column `이름`", "the columns are: id"),
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
        let student = Student { header: header(), cells: vec!["secret".into()] };
        assert!(!format!("{student:?}").contains("secret"));
    }
}
