// Asks Windows what neither its documentation nor wine tells, and prints an answer a line. docs/platforms.md lists the
// questions. Build and run it in an empty folder: gcc -O1 -o probe.exe windows.c && ./probe.exe
#define _WIN32_WINNT 0x0A00
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <winioctl.h>

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define READ_WRITE (GENERIC_READ | GENERIC_WRITE)
#define SIZE 65536
// FileDispositionInfoEx and FileRenameInfoEx with their flags: delete or replace, with the semantics of POSIX.
#define DISPOSITION_EX 21
#define RENAME_EX 22
#define POSIX_FLAGS 3

static void answer(const char *question, BOOL is_done) {
  DWORD error = GetLastError();
  if (is_done) printf("%-70s yes\n", question);
  else printf("%-70s no, error %lu\n", question, error);
  fflush(stdout);
}

static HANDLE open_file(const wchar_t *name, DWORD access, DWORD disposition, DWORD flags) {
  return CreateFileW(name, access, SHARE_ALL, NULL, disposition, flags, NULL);
}

static BOOL exists(const wchar_t *name) { return GetFileAttributesW(name) != INVALID_FILE_ATTRIBUTES; }

static HANDLE make_file(const wchar_t *name) {
  HANDLE file = open_file(name, READ_WRITE, CREATE_ALWAYS, 0);
  static const char bytes[SIZE] = {'a'};
  DWORD written;
  WriteFile(file, bytes, SIZE, &written, NULL);
  return file;
}

static char *map_file(HANDLE file) {
  HANDLE section = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL);
  char *view = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
  CloseHandle(section);
  return view;
}

static BOOL rename_over(const wchar_t *from, const wchar_t *to) {
  wchar_t path[MAX_PATH];
  GetFullPathNameW(to, MAX_PATH, path, NULL);
  struct { DWORD flags; HANDLE root; DWORD bytes; WCHAR name[MAX_PATH]; } request = {POSIX_FLAGS, NULL, 0, {0}};
  request.bytes = (DWORD)(wcslen(path) * sizeof(wchar_t));
  wcscpy(request.name, path);
  HANDLE file = open_file(from, DELETE | SYNCHRONIZE, OPEN_EXISTING, 0);
  BOOL done = SetFileInformationByHandle(file, RENAME_EX, &request, sizeof request);
  DWORD error = GetLastError();
  CloseHandle(file);
  SetLastError(error);
  return done;
}

static BOOL delete_name(const wchar_t *name) {
  DWORD flags = POSIX_FLAGS;
  HANDLE file = open_file(name, DELETE, OPEN_EXISTING, 0);
  BOOL done = SetFileInformationByHandle(file, DISPOSITION_EX, &flags, sizeof flags);
  DWORD error = GetLastError();
  CloseHandle(file);
  SetLastError(error);
  return done && !exists(name);
}

static void about_names(void) {
  HANDLE old = make_file(L"old");
  char *view = map_file(old);
  CloseHandle(make_file(L"new"));
  answer("does a POSIX rename replace a mapped file?", rename_over(L"new", L"old"));
  if (!exists(L"new")) CloseHandle(make_file(L"new"));
  CloseHandle(make_file(L"linked"));
  HANDLE linked = open_file(L"linked", READ_WRITE, OPEN_EXISTING, 0);
  char *linked_view = map_file(linked);
  CreateHardLinkW(L"second", L"linked", NULL);
  answer("does it replace one of two names of a mapped file?", rename_over(L"new", L"linked"));
  answer("does a POSIX delete remove one of two names of a mapped file?", delete_name(L"second"));
  answer("does a POSIX delete remove the only name of a mapped file?", delete_name(L"old"));
  UnmapViewOfFile(linked_view);
  CloseHandle(linked);
  UnmapViewOfFile(view);
  CloseHandle(old);
}

static void about_removal(void) {
  HANDLE file = make_file(L"removed");
  char *view = map_file(file);
  MoveFileExW(L"removed", L"gone", 0);
  HANDLE closing = open_file(L"gone", DELETE, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
  answer("can a mapped file be opened to be deleted on close?", closing != INVALID_HANDLE_VALUE);
  CloseHandle(closing);
  HANDLE again = ReOpenFile(file, GENERIC_READ, SHARE_ALL, 0);
  answer("can its other users open it again afterwards?", again != INVALID_HANDLE_VALUE);
  if (again != INVALID_HANDLE_VALUE) CloseHandle(again);
  CloseHandle(file);
  answer("does it stay as long as only a view is left?", exists(L"gone"));
  answer("is the view's memory still there?", view[0] == 'a');
  UnmapViewOfFile(view);
  answer("is it gone after that?", !exists(L"gone"));
}

static void about_space(void) {
  HANDLE file = make_file(L"sparse");
  DWORD bytes;
  answer("can a file be made sparse?", DeviceIoControl(file, FSCTL_SET_SPARSE, NULL, 0, NULL, 0, &bytes, NULL));
  char *view = map_file(file);
  FILE_ZERO_DATA_INFORMATION range = {{.QuadPart = 0}, {.QuadPart = SIZE}};
  answer("can space be freed under a view?", DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &range, sizeof range, NULL, 0, &bytes, NULL));
  answer("does the view show zeros then?", view[0] == 0);
  UnmapViewOfFile(view);
  SetFilePointer(file, 16 * SIZE, NULL, FILE_BEGIN);
  answer("can a sparse file be made longer?", SetEndOfFile(file));
  answer("does that take no space?", GetCompressedFileSizeW(L"sparse", NULL) <= SIZE);
  static const char zeros[SIZE];
  SetFilePointer(file, 8 * SIZE, NULL, FILE_BEGIN);
  answer("can zeros be written to a part of it?", WriteFile(file, zeros, SIZE, &bytes, NULL) && FlushFileBuffers(file));
  answer("do they take space?", GetCompressedFileSizeW(L"sparse", NULL) >= SIZE);
  CloseHandle(file);
}

static void about_locks(void) {
  HANDLE holder = make_file(L"locked");
  HANDLE other = open_file(L"locked", READ_WRITE, OPEN_EXISTING, 0);
  OVERLAPPED start = {0};
  answer("can bytes be locked?", LockFileEx(holder, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &start));
  char byte;
  DWORD done;
  answer("can another handle read them?", ReadFile(other, &byte, 1, &done, NULL));
  SetFilePointer(other, 0, NULL, FILE_BEGIN);
  answer("can another handle write them?", WriteFile(other, "b", 1, &done, NULL));
  char *view = map_file(other);
  answer("can a view read and write them?", (view[0] = 'c') == 'c');
  UnmapViewOfFile(view);
  HANDLE waiting = open_file(L"locked", READ_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
  OVERLAPPED pending = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
  BOOL granted = LockFileEx(waiting, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &pending);
  answer("is an overlapped lock pending?", !granted && GetLastError() == ERROR_IO_PENDING);
  answer("can it be cancelled?", CancelIoEx(waiting, &pending) && WaitForSingleObject(pending.hEvent, 1000) == WAIT_OBJECT_0);
  CloseHandle(waiting);
  CloseHandle(other);
  CloseHandle(holder);
}

static void about_this_user(void) {
  HANDLE event = CreateEventW(NULL, FALSE, FALSE, L"Global\\shmkit-probe");
  answer("may this user create an event for all sessions?", event != NULL);
  if (event) CloseHandle(event);
  FARPROC allocate = GetProcAddress(GetModuleHandleW(L"kernelbase.dll"), "VirtualAlloc2");
  answer("has this system placeholders for addresses?", allocate != NULL);
}

int main(void) {
  about_names();
  about_removal();
  about_space();
  about_locks();
  about_this_user();
  return 0;
}
