//! The AWS CLI: `aws ec2 run-instances --cli-input-json`.
//!
//! For RunInstances the client encodes the user-data itself, from text. Compressed bytes are not
//! text: they go beside it, to be read with `fileb://`.
//! <https://docs.aws.amazon.com/cli/latest/reference/ec2/run-instances.html>

use serde_json::{Value, json};

use super::aws_form::EC2;
use super::{Artifact, Delivery, Destination, DestinationError, Emission};

pub(super) const AWS_CLI: Destination = Destination {
    name: "aws-cli",
    about: "JSON for `aws ec2 run-instances --cli-input-json file://FILE`",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    emit,
};

fn emit(delivery: &Delivery<'_>) -> Result<Emission, DestinationError> {
    let mut request = instance(delivery);
    request["MinCount"] = json!(1);
    request["MaxCount"] = json!(1);
    let mut emission = match delivery.payload.text() {
        Some(text) => {
            request["UserData"] = json!(text);
            Emission::json(REQUEST, &request)?
        }
        None => {
            let mut emission = Emission::json(REQUEST, &request)?;
            emission.artifacts.push(Artifact::new("user-data.gz", delivery.payload.bytes()));
            emission.note("Add to the command: --user-data fileb://user-data.gz")
        }
    };
    if let Some(web) = &delivery.plan.web {
        let group = "--security-group-ids with a group that lets port";
        emission = emission.note(format!("Add to the command: {group} {} in", web.port));
    }
    Ok(emission)
}

const REQUEST: &str = "run-instances.json";

/// What a machine is on EC2, beside its user-data.
pub(super) fn instance(delivery: &Delivery<'_>) -> Value {
    let plan = delivery.plan;
    let tag =
        json!({"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": delivery.name()}]});
    json!({
        "ImageId": format!("resolve:ssm:{}", plan.distro.0.aws_image),
        "InstanceType": "t3.small",
        "BlockDeviceMappings": [{
            "DeviceName": plan.distro.0.aws_root_device,
            "Ebs": {"VolumeSize": plan.volume_gb(), "VolumeType": "gp3", "DeleteOnTermination": true},
        }],
        "MetadataOptions": {"HttpTokens": "required"},
        "TagSpecifications": [tag],
    })
}
