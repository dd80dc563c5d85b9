//! Organisations and their flows.

/// The key of a flow's row. Only the paths of files show it; everything else names a flow by its id or its name.
pub type FlowKey = i64;

/// A flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The key of the flow's row.
    pub key: FlowKey,
    /// The flow's id in the API.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The name in paths.
    pub parameterized_name: String,
    /// The organisation to which the flow belongs.
    pub organization: Organization,
}

/// An organisation.
#[derive(Clone, Debug)]
pub struct Organization {
    /// The key of the organisation's row, which is also its id in the API.
    pub id: i64,
    /// The name that people see.
    pub name: String,
    /// The name in paths.
    pub parameterized_name: String,
}
