//! Terraform: a machine on EC2, with its user-data in a file beside it.
//!
//! `user_data_base64` takes both text and gzip, and `user_data_replace_on_change` makes a changed
//! machine a new one, since cloud-init does not run again on the old.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/instance>

use serde_json::json;

use super::aws_form::EC2;
use super::{Artifact, Delivery, Destination, DestinationError, Emission};
use crate::template;

pub(super) const TERRAFORM: Destination = Destination {
    name: "terraform",
    about: "a `.tf` file for a machine on EC2, and its user-data beside it",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    together: None,
    emit,
};

/// A configuration for each machine has a state of its own, and has to be applied by itself.
const TOGETHER: &str = "each machine is a configuration of its own, to be applied by itself; --for \
                        tfvars has them all in one file, for one configuration as in \
                        examples/terraform";

fn emit(delivery: &Delivery<'_>) -> Result<Emission, DestinationError> {
    let plan = delivery.plan;
    let file = if delivery.payload.is_gzip() { "user-data.gz" } else { "user-data.yaml" };
    let context = json!({
        "name": delivery.label(),
        "group": delivery.resource_name(),
        "file": file,
        "image": plan.distro.0.aws_image,
        "volume_gb": plan.volume_gb(),
        "ports": plan.ports(),
    });
    let rendered =
        template::render("destinations/terraform.tf.j2", None, context, delivery.templates)?;
    let mut emission = Emission::one("main.tf", rendered.text);
    emission.artifacts.push(Artifact::new(file, delivery.payload.bytes().clone()));
    Ok(match delivery.member {
        Some(_) => emission.note(TOGETHER),
        None => emission,
    })
}
