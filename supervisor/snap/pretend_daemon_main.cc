// SPDX-License-Identifier: Apache-2.0
// pretend_daemon PID_FILE SOCKET: what a daemon of OVN looks like from outside.
// It holds a lock on its pid file and says a version to whoever asks.
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace {

constexpr char kAnswer[] = R"({"id":0,"result":"1","error":null})";

[[noreturn]] void Serve(int listener) {
  std::vector<pollfd> entries = {{listener, POLLIN, 0}};
  for (;;) {
    poll(entries.data(), entries.size(), -1);
    for (size_t i = 1; i < entries.size(); ++i) {
      char request[4096];
      if (entries[i].revents == 0) continue;
      if (read(entries[i].fd, request, sizeof(request)) <= 0 ||
          write(entries[i].fd, kAnswer, strlen(kAnswer)) < 0) {
        close(entries[i].fd);
        entries[i].fd = -1;
      }
    }
    if (entries[0].revents != 0) {
      entries.push_back({accept(listener, nullptr, nullptr), POLLIN, 0});
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string fresh = std::string(argv[1]) + ".tmp";
  const int pid_file = open(fresh.c_str(), O_CREAT | O_RDWR, 0644);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(pid_file, F_SETLK, &lock) != 0) return 1;
  if (rename(fresh.c_str(), argv[1]) != 0) return 1;
  unlink(argv[2]);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, argv[2], sizeof(address.sun_path) - 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
          0 ||
      listen(listener, 8) != 0) {
    return 1;
  }
  Serve(listener);
}
