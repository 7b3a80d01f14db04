//! From one parameter file to a cloud VM that sets itself up on its first boot.
//!
//! ```text
//!  parameter file ─> spec ─> plan ─> step ─> program ─> cloud_config ─> payload ─> destination
//!  (text + spans)    typed,   every   what a  what does  rendered text,  bytes:     what one cloud
//!                    as the   choice  machine them, in   read back and   text or    or tool wants:
//!                    user     made    does,   Python     compared with   MIME,      stdout / files
//!                    wrote it         in turn            what went in    gzip
//!  the whole line:         machine (from a plan to what leaves bootseed)
//!  leaves, usable by all:  source (YAML with positions) · diagnostic · secret · catalog ·
//!                          template · iso9660 · shell (commands of a text) · system (files)
//!  beside the line:        preset (ready-made parameter files) · rehearsal (a first boot here)
//!                          inspect (any payload, opened) · lint (what will go wrong with it) ·
//!                          roster (one machine per student) · handout (the folder for a class) ·
//!                          watch (its machines, as they come up)
//!  on top:                 cli calls the public functions of the library, nothing else
//! ```
//!
//! A module uses only modules to its left and the leaves; `tests/architecture.rs` holds that. A
//! mistake of the user is a [`diagnostic::Diagnostic`] in a [`diagnostic::Report`], never an `Err`:
//! all of them are reported, not the first. `Err` is for input and output, templates and limits.
//! The same input gives the same bytes: there is no clock and no randomness in any output, but for
//! the passwords that a class is given on request, which are kept from then on.

pub mod catalog;
pub mod cloud_config;
pub mod destination;
pub mod diagnostic;
pub mod handout;
pub mod inspect;
pub mod iso9660;
pub mod lint;
pub mod machine;
pub mod payload;
pub mod plan;
pub mod preset;
pub mod program;
#[cfg(unix)]
pub mod rehearsal;
pub mod roster;
pub mod secret;
pub mod shell;
pub mod source;
pub mod spec;
pub mod step;
#[cfg(not(target_family = "wasm"))]
pub mod system;
pub mod template;
#[cfg(not(target_family = "wasm"))]
pub mod watch;
