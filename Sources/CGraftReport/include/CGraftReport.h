/// The templates, the style and the script of report pages, inside the binary, so that the program needs no files
/// beside it. Functions rather than arrays, because Swift does not import arrays of unknown length.
#pragma once

#include <stddef.h>

/// A file of the folder page.
typedef struct {
  /// Its name without what comes after the point.
  const char *name;
  const unsigned char *start;
  size_t count;
} graft_report_file;

/// How many templates there are.
size_t graft_report_template_count(void);

/// A template: page.mustache is named "page".
graft_report_file graft_report_template(size_t index);

/// style.css.
graft_report_file graft_report_style(void);

/// script.js.
graft_report_file graft_report_script(void);
