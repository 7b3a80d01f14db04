//! What AWS demands of a template of CloudFormation and of a launch template.
//!
//! In: the tree of a file with user-data. Out: whether the place of the user-data takes base64 alone,
//! and why CloudFormation refuses the whole file, if it does.

use serde_json::Value;

use super::envelope::Sort;

/// The function that puts values in the place of `${NAME}`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>
const SUB: &str = "Fn::Sub";

/// A resource whose user-data is plain text.
const PLAIN: &str = "AWS::Lightsail::Instance";

/// What the place at `path` takes. `encoded`: is it within `Fn::Base64`?
pub(super) fn sort(root: &Value, path: &str, encoded: bool) -> Sort {
    let mut steps = path.split('.');
    if encoded {
        return Sort::Carrier;
    }
    if is_template(root) && steps.next() == Some("Resources") {
        let resource = steps.next().unwrap_or_default();
        let plain = root["Resources"][resource]["Type"] == PLAIN;
        return if plain { Sort::Carrier } else { Sort::CloudFormation };
    }
    match path.split('.').any(|step| step == "LaunchTemplateData") {
        true => Sort::LaunchTemplate,
        false => Sort::Carrier,
    }
}

fn is_template(root: &Value) -> bool {
    let of_aws = |one: &Value| one["Type"].as_str().is_some_and(|name| name.starts_with("AWS::"));
    root["Resources"].as_object().is_some_and(|all| all.values().any(of_aws))
}

/// What a machine gets of `${!NAME}`.
pub(super) fn literal(text: String) -> String {
    text.replace("${!", "${")
}

/// Why CloudFormation takes nothing of the file: a `${…}` that is none of its variables.
pub(super) fn refusal(root: &Value) -> Option<String> {
    below(root, root)
}

/// Both readers limit the depth of what they read, so this ends.
fn below(value: &Value, root: &Value) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            let own = (name == SUB).then(|| substituted(root, value)).flatten();
            own.or_else(|| below(value, root))
        }),
        Value::Array(items) => items.iter().find_map(|item| below(item, root)),
        _ => None,
    }
}

/// The first variable of a substitution that CloudFormation does not take.
fn substituted(root: &Value, value: &Value) -> Option<String> {
    let (text, own) = match value {
        Value::Array(items) => (items.first()?.as_str()?, items.get(1)),
        text => (text.as_str()?, None),
    };
    let is_own = |name: &str| own.is_some_and(|own| own.get(name).is_some());
    let wrong = variables(text).find(|name| !is_own(name) && !is_known(root, name))?;
    let why = match is_name(wrong) {
        true => "the template has no parameter and no resource of this name",
        false => "this is no name of its own",
    };
    Some(format!(
        "CloudFormation refuses the whole template for `${{{wrong}}}` in {SUB}: {why}; write \
         `${{!{wrong}}}` to leave it to the machine"
    ))
}

/// What stands in `${…}`, without what is meant literally.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    let names = names.map(|(name, _)| name.trim());
    names.filter(|name| !name.is_empty() && !name.starts_with('!'))
}

fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || "._:".contains(c))
}

/// Is it a parameter, a resource, an attribute of one, or one of AWS's own? A macro may add any.
fn is_known(root: &Value, name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    let there = ["Parameters", "Resources"].iter().any(|list| root[*list].get(first).is_some());
    let any = !is_template(root) || root.get("Transform").is_some();
    is_name(name) && (any || there || name.starts_with("AWS::"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_that_cloudformation_does_not_have_are_found() {
        for (text, wrong) in [
            ("ls ${Name} ${AWS::Region} ${M.Arn} ${!HOME} $HOME ${", None),
            ("echo ${a:-b}", Some("a:-b")),
            ("echo ${#list[@]}", Some("#list[@]")),
            ("echo ${Other} ${HOME}", Some("HOME")),
        ] {
            let root = json!({
                "Parameters": {"Name": {"Type": "String"}},
                "Resources": {"M": {"Type": "AWS::EC2::Instance", "Properties": {
                    "UserData": {"Fn::Base64": {"Fn::Sub": [text, {"Other": "x"}]}},
                }}},
            });
            let expected = wrong.map(|wrong| format!("`${{!{wrong}}}`"));
            let found = refusal(&root);
            assert_eq!(found.is_some(), wrong.is_some(), "{text}: {found:?}");
            assert!(found.unwrap_or_default().contains(&expected.unwrap_or_default()), "{text}");
        }
        assert_eq!(refusal(&json!({"Fn::Sub": "${HOME}"})), None, "a part of a template");
        assert!(refusal(&json!([{"Fn::Sub": "${a-b}"}])).is_some());
    }
}
