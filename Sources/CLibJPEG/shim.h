/* jpeglib.h uses FILE without including stdio.h, so a module cannot name it as its header directly. */
#pragma once
#include <stdio.h>
#include <jpeglib.h>
