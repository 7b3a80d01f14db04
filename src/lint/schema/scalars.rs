//! Does a single value fit the types and limits of a key?

use super::modules;
use super::table::{Key, Type};
use crate::source::Yaml11;
use crate::source::yaml11::Tree;

/// Why it does not.
pub(super) enum Misfit {
    /// It is of another type.
    Type,
    /// It is of the right type and none of the allowed values.
    Value,
}

pub(super) fn fits(types: &[Type], key: &Key, tree: &Tree) -> Result<(), Misfit> {
    let Some(value) = tree.scalar() else { return Err(Misfit::Type) };
    let outcomes = types.iter().map(|one| fit(one, key, value));
    let best = outcomes.reduce(|a, b| match (a, b) {
        (Ok(()), _) | (_, Ok(())) => Ok(()),
        (Err(Misfit::Value), _) | (_, Err(Misfit::Value)) => Err(Misfit::Value),
        _ => Err(Misfit::Type),
    });
    best.unwrap_or(Ok(()))
}

fn fit(one: &Type, key: &Key, value: &Yaml11) -> Result<(), Misfit> {
    let (limits, text) = (&key.limits, matches!(value, Yaml11::Str(_) | Yaml11::Binary(_)));
    let is = |fits: bool| if fits { Ok(()) } else { Err(Misfit::Type) };
    match (one, value) {
        (Type::Any, Yaml11::Str(text)) => match limits.pattern {
            Some(pattern) if !pattern.fits(text) => Err(Misfit::Value),
            _ => Ok(()),
        },
        (Type::Any, _) => Ok(()),
        (Type::Str, Yaml11::Str(text)) => match limits.pattern {
            Some(pattern) if !pattern.fits(text) => Err(Misfit::Value),
            _ => Ok(()),
        },
        (Type::Str, _) => is(text),
        (Type::Int, Yaml11::Int(number)) => match limits.least {
            Some(least) if *number < least => Err(Misfit::Value),
            _ => Ok(()),
        },
        (Type::Int, _) => is(matches!(value, Yaml11::BigInt(_))),
        (Type::Num, Yaml11::Int(number)) => match limits.least {
            Some(least) if *number < least => Err(Misfit::Value),
            _ => Ok(()),
        },
        (Type::Num, Yaml11::Float(number)) => match limits.least {
            Some(least) if *number < least as f64 => Err(Misfit::Value),
            _ => Ok(()),
        },
        (Type::Num, _) => is(matches!(value, Yaml11::BigInt(_))),
        (Type::Bool, _) => is(matches!(value, Yaml11::Bool(_))),
        (Type::Null, _) => is(matches!(value, Yaml11::Null)),
        (Type::Module, Yaml11::Str(name)) => match modules::is_known(name) {
            true => Ok(()),
            false => Err(Misfit::Value),
        },
        (Type::Enum(words), _) => word(words, value),
        (Type::Module | Type::Map { .. } | Type::List(_), _) => Err(Misfit::Type),
    }
}

fn word(words: &[&str], value: &Yaml11) -> Result<(), Misfit> {
    let is_bool = |word: &&str| matches!(*word, "true" | "false");
    match value {
        Yaml11::Str(text) => {
            let fits = words.iter().any(|word| !is_bool(word) && word == text);
            if fits { Ok(()) } else { Err(Misfit::Value) }
        }
        Yaml11::Bool(value) => {
            let known = words.contains(if *value { &"true" } else { &"false" });
            let any = words.iter().any(is_bool);
            match known {
                true => Ok(()),
                false if any => Err(Misfit::Value),
                false => Err(Misfit::Type),
            }
        }
        _ => Err(Misfit::Type),
    }
}
