//! The launch form of EC2: plain text while it fits, base64 of gzip beyond.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html>

use super::{Destination, Emission, Limit, Unit};

/// Bytes of user-data that EC2 takes.
pub const EC2: Limit = Limit { bytes: 16_384, unit: Unit::Raw };

const TICK: &str = "In the form, tick \"User data has already been base64 encoded\".";

pub(super) const AWS_FORM: Destination = Destination {
    name: "aws-form",
    about: "text to paste into the launch form of EC2, under Advanced details > User data",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| {
        let emission = Emission::one("user-data", delivery.text_or_base64());
        Ok(if delivery.payload.is_gzip() { emission.note(TICK) } else { emission })
    },
};
