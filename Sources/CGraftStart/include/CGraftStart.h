/// What the program does before anything else runs: nothing to call. Not part of any library, because a shared one
/// cannot have it.
#pragma once
