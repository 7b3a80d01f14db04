//! Variables for Terraform: a file that it loads by itself.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files>

use serde_json::{Map, Value, json};

use super::aws_form::EC2;
use super::{Delivery, Destination, Emission};

pub(super) const TFVARS: Destination = Destination {
    name: "tfvars",
    about: "variables for Terraform, a file `*.auto.tfvars.json`",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    emit: |delivery| {
        let mut machines = Map::new();
        machines.insert(delivery.name().to_string(), machine(delivery));
        Emission::json("bootseed.auto.tfvars.json", &json!({"machines": machines}))
    },
};

/// What Terraform has to know of one machine.
fn machine(delivery: &Delivery<'_>) -> Value {
    json!({
        "user_data_base64": delivery.payload.base64(),
        "volume_gb": delivery.plan.volume_gb(),
        "image": delivery.plan.distro.0.aws_image,
        "port": delivery.plan.web.as_ref().map(|web| web.port),
    })
}
