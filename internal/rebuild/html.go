// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"html/template"
	"io"
	"strings"
)

// page is the report as one file: no script, no font, nothing to load.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"join": func(list []string) string { return strings.Join(list, ", ") },
}).Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Headline}}</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #1b1b1b; background: #fff; }
h1 { font-size: 1.3em; padding: .6em .8em; border-left: .4em solid; }
h1.equal { border-color: #1a7f37; background: #e9f7ee; }
h1.different { border-color: #b42318; background: #fdecea; }
h2 { font-size: 1.1em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3em .6em; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
pre { background: #f6f6f6; padding: .7em; overflow-x: auto; font-size: 13px; }
.cause { font-weight: 600; }
.no { color: #8a4b00; }
section { border: 1px solid #ddd; padding: 0 1em; margin: 1em 0; }
</style>
<h1 class="{{if .Equal}}equal{{else}}different{{end}}">{{.Headline}}</h1>
<p>Targets: <code>{{join .Targets}}</code>. Actions of the first build: {{.Runners}}. {{len .Builds}} builds in {{.Duration}}.</p>
{{if .Findings}}<h2>What differs first</h2>
{{range .Findings}}<section><h3>{{.Title}}</h3>
{{range $i, $line := .Details}}<p{{if eq $i 0}} class="cause"{{end}}>{{$line}}</p>
{{end}}{{range .Files}}{{if .Path}}<p><code>{{.Path}}</code> ({{.Type}})</p>
{{end}}<pre>{{range .Lines}}{{.}}
{{end}}</pre>
{{end}}</section>
{{end}}{{end}}{{if .Stale}}<h2>Accepted, but there is no such difference</h2>
<ul>{{range .Stale}}<li>{{.String}}: {{.Reason}}</li>
{{end}}</ul>
{{end}}{{if .Hidden}}<p class="no">Differ because of others before them, so that nothing is known of themselves: {{.HiddenText}}.</p>
{{end}}<h2>Variations</h2>
<table><tr><th>variation<th>what<th>an action sees<th>with it<th>reaches</tr>
{{range .Variations}}<tr><td>{{.Name}}<td>{{.What}}{{if .Made}}<td>{{.Before}}<td>{{.After}}{{else}}<td colspan="2" class="no">not made: {{.Reason}}{{end}}<td>{{.Reach}}</tr>
{{end}}</table>
<h2>Builds</h2>
<table><tr><th>number<th>purpose<th>actions<th>differ<th>seconds</tr>
{{range .Builds}}<tr><td>{{.Number}}<td>{{.Purpose}}<td>{{.Actions}}<td>{{if .Failed}}fails{{else}}{{.Differs}}{{end}}<td>{{printf "%.0f" .Seconds}}</tr>
{{end}}</table>
</html>
`))

// WriteHTML writes the report as one HTML file.
func (r *Report) WriteHTML(w io.Writer) error {
	type finding struct {
		Title   string
		Details []string
		Files   []FileDifference
	}
	view := struct {
		*Report
		Headline, Duration, HiddenText string
		Findings                       []finding
	}{Report: r, Headline: r.headline(), Duration: r.duration(), HiddenText: count(r.Hidden, "action")}
	for i := range r.Findings {
		f := &r.Findings[i]
		view.Findings = append(view.Findings, finding{f.title(), f.details(), f.Files})
	}
	return page.Execute(w, view)
}
