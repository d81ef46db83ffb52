# pkginclude_HEADERS += %D%/nfl/x.h (installed, seen by generated code and users)
