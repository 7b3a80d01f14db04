pub(crate) const SCENARIOS: &[crate::Scenario] = &[];
