//! How user-data leaves: for which destination, compressed or not, from which templates.

use std::path::PathBuf;

use bootseed::catalog::Listed;
use bootseed::destination::{Compress, Destination};
use bootseed::machine::Order;
use bootseed::program;
use bootseed::template::Templates;
use clap::builder::{PossibleValue, PossibleValuesParser};

#[derive(clap::Args)]
pub(super) struct Delivery {
    /// Wrap the user-data for a cloud or a tool
    #[arg(long = "for", value_name = "DESTINATION", value_parser = destination_parser())]
    destination: Option<String>,
    /// Compress what would not fit otherwise, or always, or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    compress: When,
    /// Write the program as text, or packed; packed only where it leaves little room, without this
    #[arg(long, value_name = "HOW")]
    program: Option<Form>,
    /// Templates that replace or add to the built-in ones
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

/// When to compress.
#[derive(Clone, Copy, clap::ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// How the program travels.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    /// As text
    Plain,
    /// As gzip in base64
    Packed,
}

fn destination_parser() -> PossibleValuesParser {
    let value = |one: &&Destination| PossibleValue::new(one.name()).help(one.about());
    Destination::ALL.iter().map(value).collect::<Vec<_>>().into()
}

impl Delivery {
    /// Was a destination named?
    pub(super) fn is_for_somebody(&self) -> bool {
        self.destination.is_some()
    }

    pub(super) fn destination(&self) -> &'static Destination {
        let named = |one: &&&Destination| Some(one.name()) == self.destination.as_deref();
        Destination::ALL.iter().find(named).unwrap_or(&Destination::ALL[0])
    }

    /// The whole order.
    pub(super) fn order<'a>(&self, templates: &'a Templates) -> Order<'a> {
        Order {
            destination: self.destination(),
            compress: self.compress(),
            program: self.program.map(|form| match form {
                Form::Plain => program::Form::Plain,
                Form::Packed => program::Form::Packed,
            }),
            templates,
        }
    }

    /// The templates that are read from a folder.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.templates.as_deref().map(super::folder::files).unwrap_or_default()
    }

    fn compress(&self) -> Compress {
        match self.compress {
            When::Auto => Compress::Auto,
            When::Always => Compress::Always,
            When::Never => Compress::Never,
        }
    }

    /// The templates. `own` is the text of one from elsewhere, which may include others.
    pub(super) fn templates(&self, own: Option<&str>) -> anyhow::Result<Templates> {
        if let Some(folder) = self.templates.as_deref() {
            if !folder.is_dir() {
                anyhow::bail!("--templates {}: there is no such folder", folder.display());
            }
            super::folder::check(folder, own)?;
        }
        Ok(Templates::with_folder(self.templates.clone()))
    }
}
