//go:build tools

// Package tools names the command that runs the chart's own tests, so that go.sum covers all it imports.
package tools

import _ "github.com/helm-unittest/helm-unittest/cmd/helm-unittest"
