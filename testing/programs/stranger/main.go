// Command stranger is a CSI driver of somebody else: written in another language, on the Kubernetes project's own bindings
// of CSI and of the kubelet's registration protocol. Its volumes are folders, published by bind mounts; with -attach each is a
// disk in memory of the size that was asked for, which a node must have been given before it can stage it (disks.go).
package main

import (
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
	registration.UnimplementedRegistrationServer
	name, volumes, endpoint string
	node                    string
	attaches                bool
	servesController        bool
	limit                   int64
	health, places          string
}

// usage: stranger [FLAGS] NAME VOLUMES CSI-SOCKET [REGISTRATION-SOCKET]
func main() {
	d := &driver{}
	flag.StringVar(&d.node, "node", "stranger-here", "what the driver calls its node")
	flag.BoolVar(&d.attaches, "attach", false, "volumes are disks: attached, staged, and grown while they are in use")
	flag.BoolVar(&d.servesController, "controller", true, "serve the controller too, not the node alone")
	flag.Int64Var(&d.limit, "limit", 0, "volumes that a node takes; 0 = any number")
	flag.StringVar(&d.health, "health", "", "file that says what is wrong with the volumes (health.go)")
	flag.StringVar(&d.places, "places", "", "file with the number of disks that can be attached (health.go)")
	journal := flag.String("journal", "", "file that gets a line for each call that succeeded")
	flag.Parse()
	d.name, d.volumes, d.endpoint = flag.Arg(0), flag.Arg(1), flag.Arg(2)
	if err := os.MkdirAll(d.volumes, 0o700); err != nil {
		panic(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(journalTo(*journal)))
	csi.RegisterIdentityServer(server, d)
	if d.servesController {
		csi.RegisterControllerServer(server, d)
	}
	csi.RegisterNodeServer(server, d)
	go serve(server, d.endpoint)
	if flag.NArg() > 3 {
		registrar := grpc.NewServer()
		registration.RegisterRegistrationServer(registrar, d)
		go serve(registrar, flag.Arg(3))
	}
	select {}
}

func serve(server *grpc.Server, socket string) {
	_ = os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		panic(err)
	}
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}

func (d *driver) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{Type: registration.CSIPlugin, Name: d.name, Endpoint: d.endpoint, SupportedVersions: []string{"1.0.0"}}, nil
}

func (d *driver) NotifyRegistrationStatus(_ context.Context, told *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	_ = os.WriteFile(d.endpoint+".told", []byte(told.String()), 0o600)
	return &registration.RegistrationStatusResponse{}, nil
}

func (d *driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: d.name, VendorVersion: "9.9.9"}, nil
}

func (d *driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	if !d.servesController {
		return &csi.GetPluginCapabilitiesResponse{}, nil
	}
	service := &csi.PluginCapability_Service{Type: csi.PluginCapability_Service_CONTROLLER_SERVICE}
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{{Type: &csi.PluginCapability_Service_{Service: service}}}}, nil
}

func (d *driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	types := []csi.ControllerServiceCapability_RPC_Type{csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME}
	if d.attaches {
		types = append(types, csi.ControllerServiceCapability_RPC_PUBLISH_UNPUBLISH_VOLUME, csi.ControllerServiceCapability_RPC_EXPAND_VOLUME)
	}
	if d.health != "" {
		types = append(types, csi.ControllerServiceCapability_RPC_GET_VOLUME_HEALTH, csi.ControllerServiceCapability_RPC_LIST_VOLUME_HEALTH)
	}
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, one := range types {
		rpc := &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: one}}
		answer.Capabilities = append(answer.Capabilities, &csi.ControllerServiceCapability{Type: rpc})
	}
	return answer, nil
}

func (d *driver) CreateVolume(_ context.Context, r *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if err := os.MkdirAll(d.folderOf(r.Name), 0o777); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	sizeBytes := r.GetCapacityRange().GetRequiredBytes()
	if d.attaches {
		if err := d.ensureDisk(r.Name, sizeBytes); err != nil {
			return nil, err
		}
	}
	volume := &csi.Volume{VolumeId: r.Name, CapacityBytes: sizeBytes, VolumeContext: map[string]string{"made-by": "stranger"}}
	return &csi.CreateVolumeResponse{Volume: volume}, nil
}

func (d *driver) DeleteVolume(_ context.Context, r *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if d.attaches {
		_ = unix.Unmount(d.folderOf(r.VolumeId), 0)
	}
	return &csi.DeleteVolumeResponse{}, os.RemoveAll(d.folderOf(r.VolumeId))
}

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: d.node, MaxVolumesPerNode: d.limitNow()}, nil
}

func (d *driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	answer := &csi.NodeGetCapabilitiesResponse{}
	if !d.attaches {
		return answer, nil
	}
	types := []csi.NodeServiceCapability_RPC_Type{csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME, csi.NodeServiceCapability_RPC_EXPAND_VOLUME}
	if d.health != "" {
		types = append(types, csi.NodeServiceCapability_RPC_GET_VOLUME_HEALTH)
	}
	for _, one := range types {
		rpc := &csi.NodeServiceCapability_Rpc{Rpc: &csi.NodeServiceCapability_RPC{Type: one}}
		answer.Capabilities = append(answer.Capabilities, &csi.NodeServiceCapability{Type: rpc})
	}
	return answer, nil
}

func (d *driver) NodePublishVolume(_ context.Context, r *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	source := d.folderOf(r.VolumeId)
	switch {
	case r.VolumeContext["csi.storage.k8s.io/ephemeral"] == "true":
		if err := d.makeInline(r); err != nil {
			return nil, err
		}
	case r.VolumeContext["made-by"] != "stranger":
		return nil, status.Error(codes.InvalidArgument, "the volume's context did not come along")
	case d.attaches:
		source = r.StagingTargetPath
		if !isMounted(source) {
			return nil, status.Error(codes.FailedPrecondition, "the volume is not staged here")
		}
	}
	return &csi.NodePublishVolumeResponse{}, bind(source, r.TargetPath)
}

func (d *driver) NodeUnpublishVolume(_ context.Context, r *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if err := unbind(r.TargetPath); err != nil {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, d.removeInline(r.VolumeId)
}

func (d *driver) folderOf(volumeID string) string {
	return filepath.Join(d.volumes, volumeID)
}

func bind(source, target string) error {
	if err := os.MkdirAll(target, 0o750); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	if isMounted(target) {
		return nil
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

func unbind(target string) error {
	_ = unix.Unmount(target, 0)
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

func isMounted(folder string) bool {
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	return strings.Contains(string(mounts), " "+folder+" ")
}
