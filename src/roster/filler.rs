//! Expressions about a student, computed.
//!
//! In: an expression of Jinja, and the cells of a student. Out: its text. An empty cell is like
//! none: it may be tested and have a default, but not be written.

use std::fmt;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::slug;

/// Fills texts in. It is kept, since setting it up takes longer than a text.
pub struct Filler(Environment<'static>);

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
    /// The value of an expression for the student whose cells these are, and whether it is marked
    /// as one that is not to be quoted.
    pub(super) fn compute(
        &self,
        expression: &str,
        header: &Arc<[String]>,
        cells: &[String],
    ) -> Result<(String, bool), Error> {
        let student = Student { header: Arc::clone(header), cells: cells.to_vec() };
        let context = context! { student => Value::from_object(student) };
        let value = self.0.compile_expression(expression)?.eval(context)?;
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        Ok((value.to_string(), value.is_safe()))
    }

    /// Is this an expression? If not, why.
    pub(super) fn check(&self, expression: &str) -> Result<(), Error> {
        self.0.compile_expression(expression).map(drop)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_not_told() {
        let header = [String::from("id")].into();
        let student = Student { header, cells: vec!["secret".into()] };
        assert!(!format!("{student:?}").contains("secret"));
    }
}
