//! Names that the registry makes: a prefix that says of what, and 24 random letters.

use mintage_oauth::generated_id;

generated_id!(
    /// Names a resource server.
    pub(crate) ResourceServerId, "api_"
);
generated_id!(
    /// Names a client grant.
    pub(crate) ClientGrantId, "cgr_"
);
generated_id!(
    /// Names a client secret; says nothing about its value.
    pub(crate) SecretId, "sec_"
);
