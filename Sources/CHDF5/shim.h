#pragma once

// Newer HDF5 releases keep the 1.10 signatures under their plain names when this is set.
#define H5_USE_110_API
#include <hdf5.h>
#include <stdint.h>
#include <string.h>

// Everything here exists because Swift cannot import it: HDF5's constants are macros with casts or with a
// comma and a function call in them, and some structures changed their names between releases.

// Macro with a cast.
static inline hid_t graft_h5_default_properties(void) { return H5P_DEFAULT; }
// Macro with a cast.
static inline hid_t graft_h5_default_errors(void) { return H5E_DEFAULT; }
// Macro with a cast.
static inline hid_t graft_h5_all(void) { return H5S_ALL; }
// Macro with a cast.
static inline hsize_t graft_h5_unlimited(void) { return H5S_UNLIMITED; }
// Macro with a cast.
static inline size_t graft_h5_variable(void) { return H5T_VARIABLE; }

// H5F_ACC_* are macros that call H5check, which prints to stderr and aborts the program when the library is
// another patch release than the header. The soname already vouches for the interface; so the bare values.
static inline unsigned graft_h5_read_only(void) { return 0x0000u; }
static inline unsigned graft_h5_read_write(void) { return 0x0001u; }
static inline unsigned graft_h5_truncate(void) { return 0x0002u; }

// The property list classes are macros that call H5open.
static inline hid_t graft_h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t graft_h5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t graft_h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t graft_h5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t graft_h5_dataset_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t graft_h5_attribute_create(void) { return H5P_ATTRIBUTE_CREATE; }
static inline hid_t graft_h5_link_create(void) { return H5P_LINK_CREATE; }

// The types in memory are macros that call H5open.
static inline hid_t graft_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t graft_h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t graft_h5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t graft_h5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t graft_h5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t graft_h5_native_uint8(void) { return H5T_NATIVE_UINT8; }

// The types in a file are macros that call H5open. Graft writes little-endian on every machine.
static inline hid_t graft_h5_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t graft_h5_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t graft_h5_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t graft_h5_u8le(void) { return H5T_STD_U8LE; }
static inline hid_t graft_h5_i16le(void) { return H5T_STD_I16LE; }
static inline hid_t graft_h5_u16le(void) { return H5T_STD_U16LE; }
static inline hid_t graft_h5_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t graft_h5_u32le(void) { return H5T_STD_U32LE; }
static inline hid_t graft_h5_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t graft_h5_u64le(void) { return H5T_STD_U64LE; }
static inline hid_t graft_h5_c_string(void) { return H5T_C_S1; }

// H5L_info_t and H5Lget_info are macros for differently named things in different releases.
// 0 hard, 1 soft, 2 external or user-defined, negative when the link cannot be read; of a hard one the address too.
static inline int graft_h5_link_kind(hid_t location, const char *name, uint64_t *address) {
  H5L_info_t info;
  if (H5Lget_info(location, name, &info, H5P_DEFAULT) < 0) return -1;
  if (info.type == H5L_TYPE_HARD) {
    *address = (uint64_t)info.u.address;
    return 0;
  }
  return info.type == H5L_TYPE_SOFT ? 1 : 2;
}

// H5O_info_t and H5Oget_info are macros for differently named things in different releases.
// The address of an object's header, which is the object's identity within its file.
static inline herr_t graft_h5_object_address(hid_t object, uint64_t *address) {
  H5O_info_t info;
  memset(&info, 0, sizeof info);
  if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return -1;
  *address = (uint64_t)info.addr;
  return 0;
}

// H5Literate and the type of its callback are macros for differently named things in different releases.
typedef struct {
  void *context;
  int (*visit)(void *context, const char *name);
} graft_h5_visitor;

static inline herr_t graft_h5_visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  (void)group;
  (void)info;
  graft_h5_visitor *visitor = (graft_h5_visitor *)data;
  return visitor->visit(visitor->context, name);
}

static inline herr_t graft_h5_visit_links(
  hid_t group, void *context, int (*visit)(void *context, const char *name)) {
  graft_h5_visitor visitor = {context, visit};
  hsize_t index = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &index, graft_h5_visit_link, &visitor);
}

// H5Pset_file_locking came with 1.10.7 and 1.12.1. Locking is asked for but not insisted on: file systems
// without locks, such as some network mounts, would otherwise refuse every file.
static inline herr_t graft_h5_relax_locking(hid_t file_access) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
  return H5Pset_file_locking(file_access, 1, 1);
#else
  (void)file_access;
  return 0;
#endif
}

// A conversion from strings of variable length to opaque values of 16 bytes, which leaves a string as it is in the
// file: length, address of a heap, number in the heap. Why: the library trusts these, and writes beyond its buffers or
// never comes back where they are wrong; so they are looked at first. In C because the type of a conversion function
// has changed its parameters between releases.
static herr_t graft_h5_keep_references(
  hid_t from, hid_t to, H5T_cdata_t *data, size_t count, size_t stride, size_t background_stride, void *values,
  void *background, hid_t transfer) {
  (void)count, (void)stride, (void)background_stride, (void)values, (void)background, (void)transfer;
  if (data->command != H5T_CONV_INIT) return 0;
  data->need_bkg = H5T_BKG_NO;
  int fits = H5Tget_class(from) == H5T_STRING && H5Tis_variable_str(from) > 0 && H5Tget_size(from) == 16 &&
             H5Tget_class(to) == H5T_OPAQUE && H5Tget_size(to) == 16;
  return fits ? 0 : -1;
}

static inline herr_t graft_h5_register_references(hid_t string, hid_t opaque) {
  return H5Tregister(H5T_PERS_SOFT, "graft_references", string, opaque, graft_h5_keep_references);
}
