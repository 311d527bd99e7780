#include "cli/app.h"

int main(int argc, char** argv) { return assay::run(argc, argv); }
