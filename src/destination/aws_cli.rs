//! The AWS CLI: `aws ec2 run-instances --cli-input-json`, and a script that calls it for a class.
//!
//! For RunInstances the client encodes the user-data itself, from text. Compressed bytes are not
//! text: they go beside it, to be read with `fileb://`.
//! <https://docs.aws.amazon.com/cli/latest/reference/ec2/run-instances.html>

use serde_json::{Value, json};

use super::aws_form::EC2;
use super::gather::{Member, Together};
use super::{Artifact, Delivery, Destination, DestinationError, Emission, sum};
use crate::template::{self, Templates};

pub(super) const AWS_CLI: Destination = Destination {
    name: "aws-cli",
    about: "JSON for `aws ec2 run-instances --cli-input-json file://FILE`",
    limit: Some(EC2),
    gzip: true,
    parts: true,
    together: Some(Together {
        file: "launch.sh",
        program: true,
        alone: false,
        around: script,
        entry: line,
        between: "",
    }),
    emit,
};

fn emit(delivery: &Delivery<'_>) -> Result<Emission, DestinationError> {
    let mut request = instance(delivery);
    request["MinCount"] = json!(1);
    request["MaxCount"] = json!(1);
    if let Some(member) = delivery.member {
        request["TagSpecifications"][0]["Tags"] = tags(delivery, member);
    }
    if let Some(text) = delivery.payload.text() {
        request["UserData"] = json!(text);
    }
    let mut emission = Emission::json("run-instances.json", &request)?;
    let command =
        if delivery.member.is_some() { "Call launch.sh with" } else { "Add to the command:" };
    if delivery.payload.text().is_none() {
        emission.artifacts.push(Artifact::new("user-data.gz", delivery.payload.bytes().clone()));
        if delivery.member.is_none() {
            emission = emission.note(format!("{command} --user-data fileb://user-data.gz"));
        }
    }
    if delivery.plan.web.is_some() {
        let group = "--security-group-ids with a group that lets port";
        emission = emission.note(format!("{command} {group} {} in", ports(delivery, " and ")));
    }
    Ok(emission)
}

/// The ports of its web server, with a text between them.
fn ports(delivery: &Delivery<'_>, between: &str) -> String {
    let ports: Vec<String> = delivery.plan.ports().iter().map(u32::to_string).collect();
    ports.join(between)
}

/// What a machine is on EC2, beside its user-data.
pub(super) fn instance(delivery: &Delivery<'_>) -> Value {
    let plan = delivery.plan;
    json!({
        "ImageId": format!("resolve:ssm:{}", plan.distro.0.aws_image),
        "InstanceType": "t3.small",
        "BlockDeviceMappings": [{
            "DeviceName": plan.distro.0.aws_root_device,
            "Ebs": {"VolumeSize": plan.volume_gb(), "VolumeType": "gp3", "DeleteOnTermination": true},
        }],
        "MetadataOptions": {"HttpTokens": "required"},
        "TagSpecifications": [{
            "ResourceType": "instance",
            "Tags": [tag("Name", &name_tag(delivery))],
        }],
    })
}

fn tag(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

/// What the console of EC2 calls the machine. A tag has 256 characters at most.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>
fn name_tag(delivery: &Delivery<'_>) -> String {
    delivery.label().chars().take(256).collect()
}

/// The tags of a machine of a class: two for people, two for the script.
fn tags(delivery: &Delivery<'_>, member: Member<'_>) -> Value {
    json!([
        tag("Name", &name_tag(delivery)),
        tag("bootseed-class", member.class),
        tag("bootseed-machine", &identity(member)),
        tag("bootseed-user-data", &sum(delivery.payload.bytes())),
    ])
}

/// The tag `bootseed-machine` that `launch.sh` gives to the machine of a student of a class.
pub fn machine_tag(class: &str, student: &str) -> String {
    identity(Member { class, name: student, full_name: None })
}

/// Which machine of which class it is, in ASCII: the AWS CLI prints other text in the encoding of its
/// computer.
fn identity(member: Member<'_>) -> String {
    let machine = sum(format!("{}/{}", member.class, member.name).as_bytes());
    format!("{}-{machine}", class_tag(member.class))
}

/// Which class it is, in ASCII.
fn class_tag(class: &str) -> String {
    sum(class.as_bytes())
}

/// The script's text before and behind the machines. Between them the template has a NUL, which no
/// shell script can have.
fn script(class: &str, templates: &Templates) -> Result<(String, String), DestinationError> {
    let context = json!({"class": class, "class_tag": class_tag(class), "machines": "\0"});
    let text = template::render("destinations/launch.sh.j2", None, context, templates)?.text;
    let (head, tail) = text.split_once('\0').unwrap_or((&text, ""));
    Ok((head.into(), tail.into()))
}

/// A machine's line in the script.
fn line(delivery: &Delivery<'_>) -> Result<String, DestinationError> {
    let Some(member) = delivery.member else { return Ok(String::new()) };
    let (machine, data) = (identity(member), sum(delivery.payload.bytes()));
    let kind = if delivery.payload.text().is_some() { "text" } else { "compressed" };
    let port = if delivery.plan.web.is_some() { ports(delivery, "+") } else { "-".into() };
    let (name, gb) = (template::shell_word(member.name)?, delivery.plan.volume_gb());
    Ok(format!("  {name} {machine} {data} {kind} {gb} {port}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_of_two_classes_are_told_apart() {
        let of = |class, name| identity(Member { class, name, full_name: None });
        assert_ne!(of("monday", "kim"), of("tuesday", "kim"));
        assert_ne!(of("monday", "kim"), of("monday", "lee"));
        assert_eq!(of("월요일", "김철수").len(), 33);
        assert!(of("monday", "kim").starts_with(&class_tag("monday")));
    }

    #[test]
    fn the_script_has_a_place_for_its_machines() {
        let (head, tail) = script("monday", &Templates::default()).unwrap();
        assert!(head.starts_with("#!/usr/bin/env bash\n") && head.ends_with('\n'));
        assert!(tail.ends_with("\nmain \"$@\"; exit\n"), "{tail}");
    }
}
