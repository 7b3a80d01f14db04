//! The tables of an application's database, which somebody has to make.
//!
//! In: [`Code`] with no `before_start`. Out: a warning, where the code shows that its owner makes them
//! by hand. To know another way: a line of `WAYS`.

use super::Start;
use super::code::Code;
use super::python::python_files;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

struct Way {
    is_there: fn(&Code) -> bool,
    help: &'static str,
}

const WAYS: &[Way] = &[
    // <https://docs.djangoproject.com/en/stable/topics/migrations/>
    Way {
        is_there: |code| {
            let of_django = |path: &str| path.contains("/migrations/0");
            code.paths().any(|path| path == "manage.py") && code.paths().any(of_django)
        },
        help: "write `app.before_start: [python manage.py migrate]`",
    },
    // <https://flask-migrate.readthedocs.io/en/latest/>
    Way {
        is_there: |code| {
            let migrations = code.paths().any(|path| path == "migrations/alembic.ini");
            migrations && !texts(code).iter().any(|text| makes_when_imported(text))
        },
        help: "write `app.before_start: [flask db upgrade]`",
    },
    // <https://flask-sqlalchemy.readthedocs.io/en/stable/quickstart/#create-the-tables>
    Way {
        is_there: |code| {
            let texts = texts(code);
            let made = texts.iter().any(|text| text.lines().any(makes));
            made && texts.iter().all(|text| !makes_when_imported(text))
        },
        help: "move `create_all()` out of `if __name__ == \"__main__\":`, which is for `python app.py` \
               alone; or write a line of `app.before_start` that makes them",
    },
];

fn texts(code: &Code) -> Vec<String> {
    python_files(code).filter_map(|path| code.text(path)).collect()
}

/// Does a line of code make all tables?
fn makes(line: &str) -> bool {
    line.split('#').next().unwrap_or_default().contains(".create_all(")
}

/// Is there a call that is not below `if __name__ …`?
fn makes_when_imported(text: &str) -> bool {
    let mut guarded = false;
    text.lines().any(|line| {
        if line.starts_with(|c: char| !c.is_whitespace() && c != '#') {
            guarded = line.starts_with("if __name__");
        }
        makes(line) && !guarded
    })
}

/// Warns where the first visitor would see an error.
pub(super) fn warn(code: &Code, start: &Start, at: &Path, report: &mut Report) {
    // The line that starts it may do it first, and a whole database may come along.
    let first = match start {
        Start::Command(line) => {
            ["migrate", "upgrade", "create_all"].iter().any(|word| line.contains(word))
        }
        Start::Module(_) => false,
    };
    let endings = [".db", ".sqlite", ".sqlite3"];
    let there = code.paths().any(|path| endings.iter().any(|ending| path.ends_with(ending)));
    let way = WAYS.iter().find(|way| (way.is_there)(code));
    if let Some(way) = way.filter(|_| !first && !there) {
        let message = "nothing makes the tables of its database on the machine";
        let diagnostic = Diagnostic::warning("app-database", message).at(&code.place(at));
        report.push(diagnostic.help(way.help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(files: &[(&str, &str)]) -> Option<String> {
        let mut report = Report::default();
        warn(&Code::of(files), &Start::Module("app:app".into()), &Path::default(), &mut report);
        report.iter().next().and_then(|one| one.help.clone())
    }

    #[test]
    fn tables_that_nobody_makes_are_warned_of() {
        let guarded =
            "if __name__ == '__main__':\n    with app.app_context():\n        db.create_all()\n";
        let migration = "polls/migrations/0001_initial.py";
        for (files, expected) in [
            (&[("manage.py", ""), (migration, "")][..], "manage.py migrate"),
            (&[("app.py", ""), ("migrations/alembic.ini", "")], "flask db upgrade"),
            (&[("app.py", guarded)], "move `create_all()`"),
        ] {
            assert!(help(files).is_some_and(|help| help.contains(expected)), "{files:?}");
        }
        let inside = "def create_app():\n    db.create_all()\n";
        let commented = "if __name__ == '__main__':\n    # db.create_all()\n    app.run()\n";
        assert_eq!(help(&[("app.py", guarded), ("site.db", "")]), None);
        for text in
            [inside, commented, "with app.app_context():\n    db.create_all()\n", "print(1)\n"]
        {
            assert_eq!(help(&[("app.py", text)]), None, "{text}");
        }
    }
}
