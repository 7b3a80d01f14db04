//! What is made of the templates alone and is the same for every machine of a class: the program, and
//! its place in the document.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// So many things are remembered: those of two kinds of machine, as they are tried in turn where
/// one is too large.
const MOST: usize = 16;

type Kept = Arc<dyn Any + Send + Sync>;

/// Things by their names, the latest first. The clone of a memory is empty: templates may be added to
/// a clone.
#[derive(Default)]
pub(super) struct Memory(Mutex<VecDeque<(String, Kept)>>);

impl Memory {
    /// The thing of this name and kind, made where it is not there.
    pub(super) fn once<T, E>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
    {
        if let Some(known) = self.find(name) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.truncate(MOST - 1);
        all.push_front((name.to_owned(), made.clone()));
        Ok(made)
    }

    fn find<T: Send + Sync + 'static>(&self, name: &str) -> Option<Arc<T>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut named = all.iter().filter(|(known, _)| known == name);
        named.find_map(|(_, kept)| Arc::clone(kept).downcast().ok())
    }
}

impl Clone for Memory {
    fn clone(&self) -> Memory {
        Memory::default()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}
