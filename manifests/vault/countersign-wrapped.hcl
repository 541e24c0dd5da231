# What Countersign's own role at Vault or OpenBao needs beside countersign.hcl where it gives pods wrapped tokens
# (`injection.wrapped` in the configuration).
#
# The token roles are those that policies name in `tokenRoles`; here all whose name starts with wrapped_. Each has to be
# orphan, renewable and of type service, with the Vault policies of its workload and token_explicit_max_ttl:
#   vault write auth/token/roles/wrapped_shop_api allowed_policies=shop-api orphan=true renewable=true \
#     token_type=service token_explicit_max_ttl=24h

# Tokens for pods, never but wrapped: whoever reads the answer has no token yet.
path "auth/token/create/wrapped_*" {
  capabilities = ["update"]
  min_wrapping_ttl = "1s"
  max_wrapping_ttl = "600s"
}

# Whether they are orphan: the tokens of others would end with Countersign's own.
path "auth/token/roles/wrapped_*" {
  capabilities = ["read"]
}

# The token of a pod whose wrapping token somebody else has had.
path "auth/token/revoke-accessor" {
  capabilities = ["update"]
}
