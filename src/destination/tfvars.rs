//! Variables for Terraform: a file that it loads by itself.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files>

use serde_json::json;

use super::aws_form::EC2;
use super::gather::Together;
use super::{Delivery, Destination, DestinationError, Emission};

pub(super) const TFVARS: Destination = Destination {
    name: "tfvars",
    about: "variables for Terraform, a file `*.auto.tfvars.json`",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    together: Some(EVERYONE),
    emit: |delivery| Ok(Emission::one(EVERYONE.file, [HEAD, &machine(delivery)?, TAIL].concat())),
};

const EVERYONE: Together = Together {
    file: "bootseed.auto.tfvars.json",
    program: false,
    alone: true,
    around: |_, _| Ok((HEAD.into(), TAIL.into())),
    entry: machine,
    between: ",\n",
};

const HEAD: &str = "{\n  \"machines\": {\n";
const TAIL: &str = "\n  }\n}\n";

/// What Terraform has to know of one machine, behind its name.
fn machine(delivery: &Delivery<'_>) -> Result<String, DestinationError> {
    let machine = json!({
        "name": delivery.label(),
        "user_data_base64": delivery.payload.base64(),
        "volume_gb": delivery.plan.volume_gb(),
        "image": delivery.plan.distro.0.aws_image,
        "port": delivery.plan.web.as_ref().map(|web| web.port),
        "ports": delivery.plan.ports(),
    });
    let name = serde_json::to_string(delivery.name())?;
    let lines = serde_json::to_string_pretty(&machine)?.replace('\n', "\n    ");
    Ok(format!("    {name}: {lines}"))
}
