//! A complete CloudFormation template: the machine, and a security group that opens the port of its
//! web server and nothing else. Its functions have their long names (`Ref:`), not their tags (`!Ref`),
//! so that it can be read back like any YAML.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html>

use serde_json::json;

use super::aws_form::EC2;
use super::{Delivery, Destination, DestinationError, Emission};
use crate::cloud_config;

pub(super) const CLOUDFORMATION: Destination = Destination {
    name: "cloudformation",
    about: "a complete template for `aws cloudformation deploy`",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    together: None,
    emit,
};

fn emit(delivery: &Delivery<'_>) -> Result<Emission, DestinationError> {
    let plan = delivery.plan;
    let context = json!({
        "name": delivery.label(),
        "image": plan.distro.0.aws_image,
        "root_device": plan.distro.0.aws_root_device,
        "volume_gb": plan.volume_gb(),
        "port": plan.web.as_ref().map(|web| web.port),
        "ports": plan.ports(),
        "text": delivery.payload.text(),
        "base64": delivery.payload.base64(),
    });
    let name = "destinations/cloudformation.yaml.j2";
    let text = cloud_config::render_map(name, context, delivery.templates)?;
    Ok(Emission::one("cloudformation.yaml", text))
}
