//! Why user-data is too large, and what would help.
//!
//! In: a machine that does not fit its destination. Out: what adds most to it, by the names of the
//! parameters, and those remedies that were tried and made it fit.

use std::collections::BTreeMap;

use super::{Machine, Order};
use crate::destination::DestinationError;
use crate::plan::Plan;
use crate::program::{self, Form};
use crate::step::Step;

/// A text of fewer bytes is not worth a URL.
const LEAST: usize = 500;

/// More texts than these nobody moves elsewhere.
const MOST: usize = 5;

/// The parameter that a step comes from, by the step's name; those that are counted already have
/// none.
const PARAMETERS: &[(&str, &str)] = &[
    ("conda", "conda"),
    ("terms", "conda"),
    ("env", "conda.environments"),
    ("pip", "conda.environments"),
    ("packages", "packages"),
    ("services", "services"),
    ("web", "web"),
    ("app", "app"),
];

/// Where the code of an application comes from.
const CODE: &str = "app.from";

impl Order<'_> {
    /// The error, with the whole truth if the machine is too large.
    pub(super) fn explained(&self, machine: &Machine, error: DestinationError) -> DestinationError {
        match error {
            DestinationError::TooLarge(mut error) => {
                error.explain(self.weights(machine), self.remedies(machine));
                DestinationError::TooLarge(error)
            }
            other => other,
        }
    }

    /// What is in the user-data, and how many bytes of it.
    fn weights(&self, machine: &Machine) -> Vec<(String, usize)> {
        let packed = machine.form == Form::Packed;
        let program = match packed {
            true => machine.program.packed().len(),
            false => machine.program.text().len(),
        };
        let mut weights = gathered(machine.plan.weights());
        weights.push(("bootseed's own program".into(), program));
        if machine.plan.web.is_some() {
            let page = self.templates.text(crate::cloud_config::STATUS_PAGE).unwrap_or_default();
            let page = if packed { program::packed(&page) } else { page };
            weights.push(("bootseed's progress page".into(), page.len()));
        }
        weights.extend(by_parameter(&machine.steps));
        weights
    }

    fn remedies(&self, machine: &Machine) -> Vec<String> {
        let mut help = Vec::new();
        for (form, option) in [(Form::Packed, "packed"), (Form::Plain, "plain")] {
            let order = Order { program: Some(form), ..*self };
            if form != machine.form && order.fits(machine.plan.clone()) {
                help.push(format!("--program {option}"));
            }
        }
        help.extend(self.moved(machine));
        help
    }

    /// Does a machine of this plan fit?
    fn fits(&self, plan: Plan) -> bool {
        let fits = |machine: &Machine| {
            self.destination.pack(&machine.plan, &machine.payload, self.compress).is_ok()
        };
        self.machine(plan).is_ok_and(|machine| fits(&machine))
    }

    /// Which texts have to be somewhere else, the largest first, if that is enough.
    fn moved(&self, machine: &Machine) -> Option<String> {
        let plan = &machine.plan;
        let files = plan.files.iter().map(|file| (file.text.len(), file.origin.clone()));
        let parts = plan.parts.iter().map(|part| (part.text.len(), part.origin.clone()));
        let mut texts: Vec<_> = files.chain(parts).filter(|(bytes, _)| *bytes >= LEAST).collect();
        texts.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        texts.dedup_by(|a, b| a.1 == b.1);
        let (mut rest, mut names) = (plan.clone(), Vec::new());
        for (_, origin) in texts.into_iter().take(MOST) {
            rest.files.retain(|file| file.origin != origin);
            rest.parts.retain(|part| part.origin != origin);
            rest.run.push(fetching(&origin));
            names.push(origin);
            if self.fits(rest.clone()) {
                if names == [CODE] {
                    return Some(format!(
                        "app.git or app.archive, which it fetches, instead of {CODE}"
                    ));
                }
                let them = names.join(" and ");
                return Some(format!("fetching {them} from a URL, with a command in `run`"));
            }
        }
        None
    }
}

/// About the command that fetches a text.
fn fetching(origin: &str) -> Vec<String> {
    let line =
        format!("curl -fsSL --retry 9 -o /a/path/of/some/length https://a.host/with/{origin}");
    ["bash", "-eo", "pipefail", "-c", &line].map(String::from).into()
}

/// Many small items of one list count together: `run, 900 items`.
fn gathered(weights: Vec<(String, usize)>) -> Vec<(String, usize)> {
    /// A list of fewer items is shown item by item, and so is a larger share than one in four.
    const FEW: usize = 4;
    let list = |name: &str| name.split_once('[').map_or(name, |(list, _)| list).to_owned();
    let mut lists: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for (name, bytes) in &weights {
        let (items, sum, largest) = lists.entry(list(name)).or_default();
        (*items, *sum, *largest) = (*items + 1, *sum + bytes, *bytes.max(largest));
    }
    lists.retain(|_, (items, sum, largest)| *items > FEW && *largest * FEW < *sum);
    let single = weights.into_iter().filter(|(name, _)| !lists.contains_key(&list(name)));
    let single: Vec<_> = single.collect();
    let together =
        lists.iter().map(|(name, (items, sum, _))| (format!("{name}, {items} items"), *sum));
    single.into_iter().chain(together).collect()
}

/// What steps add, by the parameter that they come from.
fn by_parameter(steps: &[Step]) -> BTreeMap<String, usize> {
    let mut weights = BTreeMap::new();
    for step in steps {
        let kind = step.name.split(':').next().unwrap_or_default();
        let known = PARAMETERS.iter().find(|(name, _)| *name == kind);
        let bytes = serde_json::to_string(step).unwrap_or_default().len();
        if let Some((_, parameter)) = known {
            *weights.entry((*parameter).to_owned()).or_default() += bytes;
        }
    }
    weights
}
