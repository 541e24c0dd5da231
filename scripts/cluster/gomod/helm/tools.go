//go:build tools

// Package tools names the commands that the chart's tests build, so that go.sum covers all they import.
package tools

import _ "helm.sh/helm/v4/cmd/helm"
