//! The rules. To add one: a file with its table and its check, a `mod` line and its line in `ALL`;
//! rules that look at the same thing share a file.

mod accounts;
mod commands;
mod fetch;
mod files;
mod foreign;
mod header;
mod install;
mod keys;
mod login;
mod passwords;
mod payload;
mod placeholders;
mod services;
mod surroundings;
pub(super) mod unused;
mod values;
mod waits;
mod yaml;

use super::Rule;

/// Every rule, those first that say that nothing happens at all.
static ALL: &[&[Rule]] = &[
    header::RULES,
    yaml::RULES,
    keys::RULES,
    values::RULES,
    commands::RULES,
    passwords::RULES,
    accounts::RULES,
    login::RULES,
    placeholders::RULES,
    files::RULES,
    foreign::RULES,
    payload::RULES,
    waits::RULES,
    install::RULES,
    fetch::RULES,
    surroundings::RULES,
    services::RULES,
    unused::RULES,
];

pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().flat_map(|family| family.iter())
}
