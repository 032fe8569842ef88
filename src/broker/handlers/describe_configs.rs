//! DescribeConfigs 1-4: configs and where their values come from.
//!
//! Every config of the resource is listed, not only what was set: clients that change configs by
//! AlterConfigs read them all first. Version 3 adds types and documentation.

use super::super::configs::Resource;
use super::super::context::{Caller, Context};
use crate::config::describe::DescribedConfig;
use crate::wire::messages::describe_configs::*;

/// Describes the resources; each succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let (synonyms, documentation) = (request.include_synonyms, request.include_documentation);
    let results = request.resources.into_iter().map(|resource| {
        let mut result = DescribeConfigsResult {
            resource_type: resource.resource_type,
            ..DescribeConfigsResult::default()
        };
        let asked = Resource { kind: resource.resource_type, name: &resource.resource_name };
        match context.describe_configs(asked) {
            Ok(configs) => {
                let wanted = |config: &DescribedConfig| match &resource.configuration_keys {
                    Some(keys) if !keys.is_empty() => keys.iter().any(|key| key == config.name),
                    _ => true,
                };
                result.configs = configs
                    .into_iter()
                    .filter(wanted)
                    .map(|config| describe(config, synonyms, documentation))
                    .collect();
            }
            Err(refusal) => {
                result.error_code = refusal.code;
                result.error_message = Some(refusal.message);
            }
        }
        result.resource_name = resource.resource_name;
        result
    });
    let results = results.collect();
    DescribeConfigsResponse { results, ..DescribeConfigsResponse::default() }
}

fn describe(
    config: DescribedConfig,
    synonyms: bool,
    documentation: bool,
) -> DescribeConfigsResourceResult {
    let synonym = |synonym: crate::config::describe::DescribedSynonym| DescribeConfigsSynonym {
        name: synonym.name.to_owned(),
        value: synonym.value,
        source: synonym.source.id(),
    };
    DescribeConfigsResourceResult {
        name: config.name.to_owned(),
        value: config.value,
        read_only: config.read_only,
        config_source: config.source.id(),
        is_sensitive: config.is_sensitive,
        synonyms: match synonyms {
            true => config.synonyms.into_iter().map(synonym).collect(),
            false => Vec::new(),
        },
        config_type: config.kind.id(),
        documentation: documentation.then(|| config.documentation.into_owned()),
    }
}
