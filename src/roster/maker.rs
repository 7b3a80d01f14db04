//! The machines of a roster, one after the other.
//!
//! In: the [`Family`], a student, and where the machines go. Out: a [`Machine`], made the way
//! `bootseed render` makes one, or everything that is wrong with it.

use std::path::Path as FilePath;

use super::family::{Family, Student, Variant};
use crate::cloud_config::{self, RenderError};
use crate::destination::{Compress, Destination, DestinationError, EC2, Member, Share};
use crate::diagnostic::Report;
use crate::payload::{Bytes, Payload};
use crate::plan::{self, Plan};
use crate::template::Templates;

/// Where the machines of a roster go, and how.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// What differs.
    pub family: &'a Family,
    /// Name of the class.
    pub class: &'a str,
    /// The folder that files named in the parameters are relative to.
    pub folder: &'a FilePath,
    /// The cloud or tool.
    pub destination: &'static Destination,
    /// When to compress.
    pub compress: Compress,
    /// Templates.
    pub templates: &'a Templates,
}

/// A student's machine.
pub struct Machine {
    /// Its name, if it is given one.
    pub hostname: Option<String>,
    /// User-data as the destination gets it.
    pub payload: Payload,
    /// What is pasted into a launch form: text, or the base64 of gzip.
    pub form: Bytes,
    /// Is that base64?
    pub base64: bool,
    /// Its files, and its entry in the file of everyone.
    pub share: Share,
    /// Is there something in it that other people must not read?
    pub secret: bool,
}

/// Why there is no machine.
pub enum Trouble {
    /// Mistakes in the roster or in the parameter file.
    Mistakes(Box<Mistakes>),
    /// It does not fit.
    Destination(DestinationError),
    /// A mistake in a template.
    Template(RenderError),
}

/// What is wrong with one student's machine.
pub struct Mistakes {
    /// The parameter file with the student's values.
    pub variant: Variant,
    /// What comes from the roster.
    pub own: Report,
    /// What is in the parameter file alone, and so wrong for everybody.
    pub common: Report,
}

impl Order<'_> {
    /// The machine of a student. `name` is that of its files.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub fn make(&self, student: &Student<'_>, name: &str) -> Result<Machine, Trouble> {
        let Order { destination, compress, templates, class, .. } = *self;
        let plan = self.plan(student).map_err(Trouble::Mistakes)?;
        let document = cloud_config::render(&plan, templates).map_err(Trouble::Template)?;
        let plain = Payload::new(&document, &plan.parts);
        let payload = destination.pack(&plan, &plain, compress, templates)?;
        let member = Member { name, class };
        let share = destination.share(member, &plan, &payload, templates)?;
        let (form, base64) = for_the_form(&plain);
        let hostname = plan.keys.get("hostname").and_then(|name| name.as_str()).map(str::to_owned);
        Ok(Machine { hostname, payload, form, base64, share, secret: plan.keys.hold_secret() })
    }

    /// The plan of a student.
    fn plan(&self, student: &Student<'_>) -> Result<Plan, Box<Mistakes>> {
        let variant = self.family.variant(student);
        let (plan, found) = plan::read(&variant.tree, self.folder);
        let (mut own, common) = self.family.sort(found, &variant, student);
        own.extend(variant.report.clone());
        match plan.filter(|_| !own.has_errors() && !common.has_errors()) {
            Some(plan) => Ok(plan),
            None => Err(Box::new(Mistakes { variant, own, common })),
        }
    }
}

impl From<DestinationError> for Trouble {
    fn from(error: DestinationError) -> Trouble {
        Trouble::Destination(error)
    }
}

/// User-data as it is pasted into the launch form of EC2, and whether it is base64.
fn for_the_form(plain: &Payload) -> (Bytes, bool) {
    match plain.text().filter(|_| EC2.unit.measure(plain) <= EC2.bytes) {
        Some(_) => (plain.bytes().clone(), false),
        None => (plain.compressed().base64().into(), true),
    }
}
