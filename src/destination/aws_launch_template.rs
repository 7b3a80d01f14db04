//! A launch template of EC2. Nobody encodes its user-data: it is base64 already.
//!
//! <https://docs.aws.amazon.com/cli/latest/reference/ec2/create-launch-template.html>

use serde_json::json;

use super::aws_cli::instance;
use super::aws_form::EC2;
use super::{Delivery, Destination, Emission};

pub(super) const AWS_LAUNCH_TEMPLATE: Destination = Destination {
    name: "aws-launch-template",
    about: "JSON for `aws ec2 create-launch-template --cli-input-json file://FILE`",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    together: None,
    emit: |delivery| {
        let mut data = instance(delivery);
        data["UserData"] = json!(delivery.payload.base64());
        let template = json!({"LaunchTemplateName": name(delivery), "LaunchTemplateData": data});
        Ok(Emission::json("launch-template.json", &template)?.note(AGAIN))
    },
};

/// `create-launch-template` refuses a name that there is; a version is made with the same JSON, and
/// is not the default by itself.
/// <https://docs.aws.amazon.com/cli/latest/reference/ec2/create-launch-template-version.html>
const AGAIN: &str = "For a template that is there already: `aws ec2 create-launch-template-version \
                     --cli-input-json file://FILE`, then `aws ec2 modify-launch-template \
                     --launch-template-name NAME --default-version NUMBER`.";

/// EC2 takes names of 3 to 128 characters.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html>
fn name(delivery: &Delivery<'_>) -> String {
    let name = delivery.resource_name();
    let long = if name.len() < 3 { format!("bootseed-{name}") } else { name };
    long.chars().take(128).collect()
}
