//! How large the user-data of a machine is, and whether it fits.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::destination::{Destination, DestinationError, EC2, Unit};
use crate::payload::Payload;

/// The size of user-data against a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Size {
    /// Whose limit it is: a destination, or EC2 where none was named.
    pub destination: &'static str,
    /// What it has, in the unit of the limit.
    pub bytes: usize,
    /// The most that is taken; none where no limit is known.
    pub limit: Option<usize>,
    /// What is counted: `before base64`, `in base64` or `as it is sent`.
    pub unit: String,
    /// Was it compressed to fit?
    pub compressed: bool,
    /// Is it taken?
    pub fits: bool,
    /// Where it is too large as it is: would it fit, compressed?
    pub fits_compressed: bool,
}

impl Size {
    /// For nobody in particular, who may paste it into the launch form of EC2.
    pub fn on_ec2(payload: &Payload) -> Size {
        let packed = payload.compressed();
        let fits = |payload: &Payload| EC2.unit.measure(payload) <= EC2.bytes;
        Size {
            destination: "EC2",
            bytes: EC2.unit.measure(payload),
            limit: Some(EC2.bytes),
            unit: EC2.unit.to_string(),
            compressed: payload.is_gzip(),
            fits: fits(payload),
            fits_compressed: fits(&packed),
        }
    }

    /// For a destination, of what it made of the payload.
    ///
    /// # Errors
    /// It was refused for another reason than its size.
    pub(super) fn of(
        destination: &'static Destination,
        packed: Result<&Payload, &DestinationError>,
    ) -> Option<Size> {
        let unit = destination.limit.map_or(Unit::Raw, |limit| limit.unit);
        let (bytes, compressed, fits) = match packed {
            Ok(payload) => (unit.measure(payload), payload.is_gzip(), true),
            Err(DestinationError::TooLarge(error)) => {
                (error.actual(), error.is_compressed(), false)
            }
            Err(_) => return None,
        };
        Some(Size {
            destination: destination.name,
            bytes,
            limit: destination.limit.map(|limit| limit.bytes),
            unit: unit.to_string(),
            compressed,
            fits,
            fits_compressed: fits,
        })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size { destination, bytes, .. } = self;
        let how = if self.compressed { ", compressed," } else { "" };
        let Some(limit) = self.limit else {
            return write!(f, "Size: {bytes} bytes{how}; no limit of {destination} is known");
        };
        let unit = match self.unit == Unit::Raw.to_string() {
            true => String::new(),
            false => format!(" {}", self.unit),
        };
        let verdict = match (self.fits, self.fits_compressed) {
            (true, _) => "fits".into(),
            (false, true) => format!("too large for {destination}; --for aws-form compresses it"),
            (false, false) => format!("TOO LARGE for {destination}"),
        };
        let share = bytes.saturating_mul(100) / limit.max(1);
        write!(
            f,
            "Size: {bytes} bytes{unit}{how} of the {limit} that {destination} takes ({share} %), \
             {verdict}"
        )
    }
}
