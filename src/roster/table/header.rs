//! The names of the columns, and which cell of a row belongs to which.
//!
//! In: the first row that is not empty. Out: a [`Header`], which takes the other rows apart.

use super::{
    MOST_COLUMNS, Raw,
    fault::{Fault, letter},
    trimmed,
};

/// The columns of a table.
pub(super) struct Header {
    /// The names of those that have one.
    pub(super) names: Vec<String>,
    /// For each cell of the header row its column, or whether its lack of a name was reported.
    places: Vec<Place>,
    /// What separates the cells.
    delimiter: Option<char>,
}

enum Place {
    Column(usize),
    Nameless { reported: bool },
}

/// A mistake and the name, or else the letter, of its column.
pub(super) type InColumn = (Option<String>, Fault);

/// A row as it was understood.
pub(super) enum Sorted {
    Empty,
    Cells(Vec<String>),
    Wrong(Vec<InColumn>),
}

impl Header {
    /// The header that a row makes.
    ///
    /// # Errors
    /// The first cell that cannot be read, or two columns of the same name.
    pub(super) fn new(row: Raw, delimiter: Option<char>) -> Result<Header, InColumn> {
        if let Some(fault) = row.fault {
            return Err((None, fault));
        }
        let (mut names, mut places) = (Vec::<(usize, String)>::new(), Vec::new());
        for (at, cell) in row.cells.into_iter().enumerate() {
            let in_column = |fault| (Some(letter(at)), fault);
            let name = cell.map(|cell| one_line(&cell)).map_err(in_column)?;
            check(&name).map_err(in_column)?;
            if at >= MOST_COLUMNS && !name.is_empty() {
                return Err((None, Fault::TooWide { column: at }));
            }
            if name.is_empty() {
                places.push(Place::Nameless { reported: false });
                continue;
            }
            if let Some((first, _)) = names.iter().find(|(_, other)| *other == name) {
                let fault = Fault::DuplicateColumn { first: *first, second: at };
                return Err((Some(name), fault));
            }
            places.push(Place::Column(names.len()));
            names.push((at, name));
        }
        let width = names.last().map_or(0, |(at, _)| at + 1);
        places.truncate(width);
        Ok(Header { names: names.into_iter().map(|(_, name)| name).collect(), places, delimiter })
    }

    /// The cells of a row, one for each column that has a name.
    pub(super) fn sort(&mut self, row: Raw) -> Sorted {
        let mut wrong: Vec<InColumn> = row.fault.map(|fault| (None, fault)).into_iter().collect();
        let mut cells = vec![String::new(); self.names.len()];
        let (mut empty, mut width) = (true, 0);
        for (at, cell) in row.cells.into_iter().enumerate() {
            let cell = cell.map(|cell| trimmed(&cell).to_owned());
            if cell.as_ref().is_ok_and(String::is_empty) {
                continue;
            }
            (empty, width) = (false, at + 1);
            let checked = cell.and_then(|cell| check(&cell).map(|()| cell));
            match (self.place(at), checked) {
                (_, Err(fault)) => wrong.push((Some(self.name(at)), fault)),
                (Ok(Some(column)), Ok(cell)) => {
                    cells.get_mut(column).into_iter().for_each(|place| place.clone_from(&cell));
                }
                (Ok(None), Ok(_)) => {}
                (Err(fault), Ok(_)) => wrong.push((Some(letter(at)), fault)),
            }
        }
        if width > self.places.len() && !wrong.iter().any(|(_, fault)| is_quote(fault)) {
            wrong.push((None, self.too_many(width)));
        }
        match (empty, wrong.is_empty()) {
            (_, false) => Sorted::Wrong(wrong),
            (true, true) => Sorted::Empty,
            (false, true) => Sorted::Cells(cells),
        }
    }

    /// The column of the cell `at`, if it has one. That a column has no name is said once.
    fn place(&mut self, at: usize) -> Result<Option<usize>, Fault> {
        let title = self.is_title();
        match self.places.get_mut(at) {
            Some(Place::Column(column)) => Ok(Some(*column)),
            Some(Place::Nameless { reported: reported @ false }) => {
                *reported = true;
                Err(Fault::Nameless { title })
            }
            _ => Ok(None),
        }
    }

    fn name(&self, at: usize) -> String {
        let name = match self.places.get(at) {
            Some(Place::Column(column)) => self.names.get(*column),
            _ => None,
        };
        name.cloned().unwrap_or_else(|| letter(at))
    }

    fn too_many(&self, cells: usize) -> Fault {
        let (columns, title, delimiter) = (self.places.len(), self.is_title(), self.delimiter);
        Fault::TooManyCells { cells, columns, title, delimiter }
    }

    /// A single name above rows of many cells is rather a title.
    fn is_title(&self) -> bool {
        self.names.len() == 1
    }
}

fn is_quote(fault: &Fault) -> bool {
    matches!(fault, Fault::QuoteOpen | Fault::QuoteFollowed | Fault::Swallowed { .. })
}

/// A header cell in one line: in a spreadsheet it may be broken into several.
fn one_line(cell: &str) -> String {
    let lines: Vec<&str> = cell.split(['\n', '\r']).map(trimmed).collect();
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Refuses characters that no editor shows.
fn check(cell: &str) -> Result<(), Fault> {
    let refused = |c: &char| {
        c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{FFFD}'..='\u{FFFF}')
    };
    cell.chars().find(refused).map_or(Ok(()), |c| Err(Fault::Control(c)))
}
