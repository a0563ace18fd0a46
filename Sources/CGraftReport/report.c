#include "CGraftReport.h"

// #embed is standard since C23; clang accepts it in older modes but says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page[] = {
#embed "page/page.mustache"
};

static const unsigned char plot[] = {
#embed "page/plot.mustache"
};

static const unsigned char bars[] = {
#embed "page/bars.mustache"
};

static const unsigned char confusion[] = {
#embed "page/confusion.mustache"
};

static const unsigned char table[] = {
#embed "page/table.mustache"
};

static const unsigned char gallery[] = {
#embed "page/gallery.mustache"
};

static const unsigned char style[] = {
#embed "page/style.css"
};

static const unsigned char script[] = {
#embed "page/script.js"
};

static const graft_report_file templates[] = {
    {"page", page, sizeof page},
    {"plot", plot, sizeof plot},
    {"bars", bars, sizeof bars},
    {"confusion", confusion, sizeof confusion},
    {"table", table, sizeof table},
    {"gallery", gallery, sizeof gallery},
};

size_t graft_report_template_count(void) { return sizeof templates / sizeof templates[0]; }

graft_report_file graft_report_template(size_t index) { return templates[index]; }

graft_report_file graft_report_style(void) { return (graft_report_file){"style", style, sizeof style}; }

graft_report_file graft_report_script(void) { return (graft_report_file){"script", script, sizeof script}; }
