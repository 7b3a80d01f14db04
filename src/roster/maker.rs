//! The machines of a roster, one after the other.
//!
//! In: the [`Family`], a student, and where the machines go. Out: a [`Machine`], made the way
//! `bootseed render` makes one, or everything that is wrong with it.

use std::path::Path as FilePath;

use super::family::{Family, Student, Variant};
use crate::destination::{DestinationError, EC2, Member, Share};
use crate::diagnostic::Report;
use crate::machine::{self, MachineError};
use crate::payload::{Bytes, Payload};
use crate::plan::{self, Plan};
use crate::source::Node;

/// Where the machines of a roster go, and how.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// What differs.
    pub family: &'a Family,
    /// Name of the class.
    pub class: &'a str,
    /// The folder that files named in the parameters are relative to.
    pub folder: &'a FilePath,
    /// For whom the machines are, and how they are made.
    pub line: machine::Order<'a>,
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
    /// What has to be chosen where it is launched.
    pub needs: String,
    /// TCP port of its web server, if it has one.
    pub port: Option<u32>,
    /// The name that it asks a certificate for, of those that Let's Encrypt counts.
    pub certificate: Option<String>,
    /// What is probably not meant, if there is such a thing.
    pub warnings: Option<Box<Mistakes>>,
}

/// Why there is no machine.
pub enum Trouble {
    /// Mistakes in the roster or in the parameter file.
    Mistakes(Box<Mistakes>),
    /// It does not fit, or a mistake in a template.
    Machine(MachineError),
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

impl Mistakes {
    /// The tree, and everything that is wrong in it.
    pub fn all(self) -> (Node, Report) {
        let Mistakes { variant, mut own, common } = self;
        own.extend(common);
        (variant.tree, own)
    }
}

impl Order<'_> {
    /// The machine of a student. `name` is that of its files, `full_name` what the student is called.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub fn make(
        &self,
        student: &Student<'_>,
        name: &str,
        full_name: Option<&str>,
    ) -> Result<Machine, Trouble> {
        let planned = self.family.plan(student, self.folder).map_err(Trouble::Mistakes)?;
        let mut plan = planned.plan;
        student.token.iter().for_each(|token| plan.give_token(token));
        let made = self.line.machine(plan)?;
        let (payload, share) =
            self.line.share(&made, Member { name, full_name, class: self.class })?;
        let (form, base64) = for_the_form(&made.payload);
        let secret = made.plan.holds_secrets();
        let (needs, port) = (made.needs(), made.plan.web.as_ref().map(|web| web.port));
        let https = made.plan.web.as_ref().and_then(|web| web.https.as_ref());
        let shared = https.filter(|https| https.shares());
        Ok(Machine {
            payload,
            form,
            base64,
            share,
            secret,
            needs,
            port,
            certificate: shared.and_then(|https| https.names.first().cloned()),
            hostname: made.plan.hostname,
            warnings: planned.warnings,
        })
    }
}

/// What a student's machine will be.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What is probably not meant, if there is such a thing.
    pub warnings: Option<Box<Mistakes>>,
}

impl Family {
    /// The plan of a student. `folder` is what files named in the parameters are relative to.
    ///
    /// # Errors
    /// Mistakes in the roster or in the parameter file.
    pub fn plan(&self, student: &Student<'_>, folder: &FilePath) -> Result<Planned, Box<Mistakes>> {
        let variant = self.variant(student);
        let (plan, found) = plan::read(&variant.tree, folder);
        let (mut own, common) = self.sort(found, &variant, student);
        own.extend(variant.report.clone());
        let wrong = own.has_errors() || common.has_errors();
        let silent = own.is_empty() && common.is_empty();
        let found = Box::new(Mistakes { variant, own, common });
        match plan.filter(|_| !wrong) {
            Some(plan) => Ok(Planned { plan, warnings: (!silent).then_some(found) }),
            None => Err(found),
        }
    }
}

impl From<MachineError> for Trouble {
    fn from(error: MachineError) -> Trouble {
        Trouble::Machine(error)
    }
}

impl From<DestinationError> for Trouble {
    fn from(error: DestinationError) -> Trouble {
        Trouble::Machine(error.into())
    }
}

/// User-data as it is pasted into the launch form of EC2, and whether it is base64.
fn for_the_form(plain: &Payload) -> (Bytes, bool) {
    match plain.text().filter(|_| EC2.unit.measure(plain) <= EC2.bytes) {
        Some(_) => (plain.bytes().clone(), false),
        None => (plain.compressed().base64().into(), true),
    }
}
