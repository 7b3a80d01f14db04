//! The whole line: from the plan of a machine to what leaves bootseed.
//!
//! In: a [`Plan`], and an [`Order`]: for which destination, how, and from which templates. Out: a
//! [`Machine`] with everything that was made on the way. `render`, `boot`, `plan`, `terraform` and
//! `roster` all call [`Order::machine`].

mod remedy;
mod size;
mod summary;

pub use size::Size;
pub use summary::{Download, Step as SummaryStep, Summary};

use crate::catalog::Listed;
use crate::cloud_config::{self, CloudConfig, RenderError};
use crate::destination::{
    Compress, Destination, DestinationError, EC2, Emission, Member, Share, TEMPLATE,
};
use crate::payload::Payload;
use crate::plan::Plan;
use crate::program::{Form, Program};
use crate::step::{self, Step};
use crate::template::Templates;

/// Space that a document leaves for its owner's files where the program goes plain, in bytes of the
/// destination's limit.
const SPARE: usize = 4096;

/// For whom machines are made, and how.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The cloud or tool.
    pub destination: &'static Destination,
    /// When to compress the user-data.
    pub compress: Compress,
    /// How the program travels; by itself plain, if it leaves room for the owner.
    pub program: Option<Form>,
    /// Templates.
    pub templates: &'a Templates,
}

/// A machine, made.
pub struct Machine {
    /// What it is to be.
    pub plan: Plan,
    /// What it does on its first boot.
    pub steps: Vec<Step>,
    /// The program that does it.
    pub program: Program,
    /// How the program travels.
    pub form: Form,
    /// The text that cloud-init reads.
    pub document: CloudConfig,
    /// The user-data.
    pub payload: Payload,
}

/// A document in one of the forms that its program can have.
struct Made {
    document: CloudConfig,
    payload: Payload,
    form: Form,
}

/// Why there is no machine.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// A mistake in a template.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// It does not fit its destination.
    #[error(transparent)]
    Destination(#[from] DestinationError),
}

impl MachineError {
    /// Is it a mistake of the owner's, who asked for too much or wrote a template?
    pub fn is_the_users(&self) -> bool {
        match self {
            MachineError::Render(error) => error.is_the_users(),
            MachineError::Destination(error) => error.is_the_users(),
        }
    }

    /// A fixed name for this kind of mistake, in kebab-case.
    pub fn id(&self) -> &'static str {
        match self {
            MachineError::Render(_) => TEMPLATE,
            MachineError::Destination(error) => error.id(),
        }
    }
}

impl<'a> Order<'a> {
    /// For nobody in particular.
    pub fn new(templates: &'a Templates) -> Order<'a> {
        let destination = Destination::ALL[0];
        Order { destination, compress: Compress::default(), program: None, templates }
    }

    /// Makes a machine.
    ///
    /// # Errors
    /// A mistake in a template.
    pub fn machine(&self, plan: Plan) -> Result<Machine, MachineError> {
        let steps = step::steps(&plan);
        let program = Program::of(&steps, plan.distro.0.packages, self.templates)
            .map_err(RenderError::from)?;
        let made = self.fitting(&program, |program, form| {
            let document = cloud_config::render(&plan, &steps, program, form, self.templates)?;
            let payload = Payload::new(&document, &plan.parts);
            Ok(Made { document, payload, form })
        });
        let Made { document, payload, form } = made?;
        Ok(Machine { plan, steps, program, form, document, payload })
    }

    /// As text, if it can be: plain where that leaves room for the owner, or else packed. Where all
    /// of it has to be compressed, plain gives less. What does not fit otherwise goes without the
    /// explanations in the program.
    fn fitting(
        &self,
        program: &Program,
        make: impl Fn(&Program, Form) -> Result<Made, MachineError>,
    ) -> Result<Made, MachineError> {
        if let Some(form) = self.program {
            return make(program, form);
        }
        let size = |made: &Made| made.payload.bytes().len();
        if self.has_room(program.text().len() + SPARE) {
            let plain = make(program, Form::Plain)?;
            if self.has_room(size(&plain) + SPARE) {
                return Ok(plain);
            }
        }
        let packed = make(program, Form::Packed)?;
        if self.compress != Compress::Always {
            if self.has_room(size(&packed)) {
                return Ok(packed);
            }
            let bare = make(program.without_comments(), Form::Packed)?;
            if self.has_room(size(&bare)) {
                return Ok(bare);
            }
        }
        if !self.may_compress() {
            return Ok(packed);
        }
        let plain = make(program, Form::Plain)?;
        let payload = &plain.payload;
        match self.destination.takes(payload) || self.destination.takes(&payload.compressed()) {
            true => Ok(plain),
            false => make(program.without_comments(), Form::Plain),
        }
    }

    /// Makes a machine and wraps it for its destination.
    ///
    /// # Errors
    /// A mistake in a template, or it does not fit.
    pub fn emission(&self, plan: Plan) -> Result<(Machine, Emission), MachineError> {
        let machine = self.machine(plan)?;
        let Order { destination, compress, templates, .. } = *self;
        let emission = destination
            .deliver(&machine.plan, &machine.payload, compress, templates)
            .map_err(|error| self.explained(&machine, error))?;
        Ok((machine, emission))
    }

    /// The user-data of a machine, compressed if it has to be.
    ///
    /// # Errors
    /// It does not fit.
    pub fn packed(&self, machine: &Machine) -> Result<Payload, DestinationError> {
        let packed = self.destination.pack(&machine.plan, &machine.payload, self.compress);
        packed.map_err(|error| self.explained(machine, error))
    }

    /// How large the user-data of a machine is for its destination; for nobody in particular, on EC2.
    ///
    /// # Errors
    /// The destination refuses it for another reason than its size.
    pub fn size(&self, machine: &Machine) -> Result<Size, DestinationError> {
        if self.destination.name == Destination::ALL[0].name {
            return Ok(self.size_on_ec2(machine));
        }
        let packed = self.packed(machine);
        match Size::of(self.destination, packed.as_ref()) {
            Some(size) => Ok(size),
            None => packed.map(|payload| Size::on_ec2(&payload)),
        }
    }

    /// What is too large as text is made anew for the launch form, where it is compressed as a whole.
    fn size_on_ec2(&self, machine: &Machine) -> Size {
        let size = Size::on_ec2(&machine.payload);
        if size.fits || size.fits_compressed {
            return size;
        }
        let form = Order { destination: Destination::EC2_FORM, ..*self };
        Size { fits_compressed: form.emission(machine.plan.clone()).is_ok(), ..size }
    }

    /// What comes out for a machine of a roster.
    ///
    /// # Errors
    /// It does not fit, or a mistake in a template.
    pub fn share(
        &self,
        machine: &Machine,
        member: Member<'_>,
    ) -> Result<(Payload, Share), DestinationError> {
        let packed = self.packed(machine)?;
        let share = self.destination.share(member, &machine.plan, &packed, self.templates)?;
        Ok((packed, share))
    }

    /// Is what is too large compressed?
    fn may_compress(&self) -> bool {
        let limited = self.destination.limit.is_some();
        self.destination.gzip
            && self.compress != Compress::Never
            && (limited || self.compress == Compress::Always)
    }

    /// Is there room for so many bytes of text? What nobody in particular gets may be pasted into
    /// EC2's launch form.
    fn has_room(&self, bytes: usize) -> bool {
        let general = self.destination.name == Destination::ALL[0].name;
        let limit = self.destination.limit.or(general.then_some(EC2));
        limit.is_none_or(|limit| limit.unit.of_text(bytes) <= limit.bytes)
    }
}
