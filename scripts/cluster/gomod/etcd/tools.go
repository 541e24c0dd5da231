//go:build tools

// Package tools names the command that the cluster tests build, so that go.sum covers all it imports.
package tools

import _ "go.etcd.io/etcd/server/v3"
