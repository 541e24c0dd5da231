# The policy of Countersign's own role at Vault or OpenBao: all that it reads there, and nothing else.
# `kubernetes` is the mount that pods log in at (`authMount` of the connection).

# Who may log in.
path "auth/kubernetes/role" {
  capabilities = ["list"]
}
path "auth/kubernetes/role/+" {
  capabilities = ["read"]
}

# What a login gives.
path "sys/policies/acl/*" {
  capabilities = ["read"]
}

# What entities and groups add to it. The questions change nothing, but they are posted.
path "identity/lookup/entity" {
  capabilities = ["update"]
}
path "identity/lookup/group" {
  capabilities = ["update"]
}
path "identity/group/id/+" {
  capabilities = ["read"]
}

# Its own token.
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
