// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/endpoint.h"

#include <map>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

struct World {
  std::map<std::string, std::string> variables;
  std::string existing;

  GetEnvironment environment() const {
    return [this](const std::string& name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string() : found->second;
    };
  }
  PathExists exists() const {
    return [this](const std::string& path) { return path == existing; };
  }
};

TEST(RootDirectory, IsFoundInOrder) {
  const std::string snap_socket =
      "/var/snap/microovn/common/control/control.socket";
  const struct {
    World world;
    const char* root;
  } cases[] = {
      {{{}, ""}, "/var/lib/microovn"},
      {{{}, snap_socket}, "/var/snap/microovn/common"},
      {{{}, "/var/lib/microovn/control/control.socket"}, "/var/lib/microovn"},
      // As a user sees it who may not look into the directory.
      {{{}, "/var/snap/microovn/common/state"}, "/var/snap/microovn/common"},
      {{{{"SNAP_COMMON", "/s"}}, snap_socket}, "/s"},
      {{{{"SNAP_COMMON", "/s"}, {"MICROOVN_SOCKET", "/m/state/control.socket"}},
        ""},
       "/m"},
      {{{{"MICROOVN_SOCKET", "/m/control/control.socket"}}, ""}, "/m"},
      {{{{"MICROOVN_SOCKET", "/elsewhere.sock"}}, ""}, "/var/lib/microovn"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(RootDirectory(test.world.environment(), test.world.exists()),
              test.root);
  }
}

TEST(ResolveEndpoint, FindsTheSocket) {
  const World world = {{{"SNAP_COMMON", "/s"}}, ""};
  auto endpoint = ResolveEndpoint({}, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->socket, "/s/control/control.socket");
  EndpointOptions options;
  options.state_dir = "/d/";
  endpoint = ResolveEndpoint(options, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->socket, "/d/control.socket");
  for (const char* state_dir : {"/d/state", "/d/state/"}) {
    options.state_dir = state_dir;
    endpoint = ResolveEndpoint(options, world.environment(), world.exists());
    ASSERT_OK(endpoint);
    EXPECT_EQ(endpoint->socket, "/d/control/control.socket");
  }
  const World named = {{{"MICROOVN_SOCKET", "/x.sock"}}, ""};
  endpoint = ResolveEndpoint({}, named.environment(), named.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->Name(), "/x.sock");
}

TEST(ResolveEndpoint, RemoteNeedsItsFiles) {
  const World world;
  EndpointOptions options{"", "10.0.0.1", "c", "k", "a"};
  auto endpoint = ResolveEndpoint(options, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->address, "10.0.0.1:6686");
  EXPECT_EQ(endpoint->socket, "");
  options.endpoint = "host.example:7000";
  endpoint = ResolveEndpoint(options, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->Name(), "host.example:7000");
}

TEST(ResolveEndpoint, OneFileIsEnough) {
  const World world;
  EndpointOptions options{"", "node1", "bundle", "", ""};
  const auto endpoint =
      ResolveEndpoint(options, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->address, "node1:6686");
  EXPECT_EQ(endpoint->certificate, "bundle");
  EXPECT_EQ(endpoint->private_key, "bundle");
  EXPECT_EQ(endpoint->ca_certificate, "bundle");
}

TEST(ResolveEndpoint, TheEnvironmentSaysWhatFlagsDoNot) {
  const World world = {{{"MICROOVN_ENDPOINT", "10.0.0.1"},
                        {"MICROOVN_CERT", "c"},
                        {"MICROOVN_KEY", "k"},
                        {"MICROOVN_CA", "a"},
                        {"MICROOVN_SOCKET", "/x.sock"}},
                       ""};
  auto endpoint = ResolveEndpoint({}, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->address, "10.0.0.1:6686");
  EXPECT_EQ(endpoint->private_key, "k");
  EndpointOptions options;
  options.endpoint = "10.0.0.2";
  options.certificate = "other";
  endpoint = ResolveEndpoint(options, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->address, "10.0.0.2:6686");
  EXPECT_EQ(endpoint->certificate, "other");
  EXPECT_EQ(endpoint->ca_certificate, "a");
  // This node, whatever the environment says.
  options = {};
  options.state_dir = "/d";
  endpoint = ResolveEndpoint(options, world.environment(), world.exists());
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->socket, "/d/control.socket");
}

TEST(ResolveEndpoint, RefusesWhatDoesNotFit) {
  const World world;
  for (const EndpointOptions& options :
       {EndpointOptions{"", "10.0.0.1", "", "k", "a"},
        EndpointOptions{"", "10.0.0.1", "", "", ""},
        EndpointOptions{"", "unix:/run/x", "c", "k", "a"},
        EndpointOptions{"", "dns:///host:1", "c", "k", "a"},
        EndpointOptions{"", "host:0", "c", "k", "a"},
        EndpointOptions{"", "host:65536", "c", "k", "a"},
        EndpointOptions{"", ":6686", "c", "k", "a"},
        EndpointOptions{"", "", "c", "", ""},
        EndpointOptions{"/" + std::string(100, 'd'), "", "", "", ""}}) {
    EXPECT_THAT(ResolveEndpoint(options, world.environment(), world.exists()),
                HasReason("USAGE"));
  }
}

}  // namespace
}  // namespace microovn::ctl
