package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// attachedTo is the file that says which node has the disk; it lies beside the disk's folder and outlives the driver's process.
func (d *driver) attachedTo(volumeID string) string {
	return d.volumes + "." + volumeID + ".attached"
}

func (d *driver) ensureDisk(volumeID string, sizeBytes int64) error {
	if isMounted(d.folderOf(volumeID)) {
		return nil
	}
	if err := unix.Mount("stranger", d.folderOf(volumeID), "tmpfs", 0, fmt.Sprintf("size=%d,mode=0777", sizeBytes)); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

func (d *driver) ControllerPublishVolume(_ context.Context, r *csi.ControllerPublishVolumeRequest) (*csi.ControllerPublishVolumeResponse, error) {
	if !isMounted(d.folderOf(r.VolumeId)) {
		return nil, status.Error(codes.NotFound, "there is no such disk")
	}
	if owner, _ := os.ReadFile(d.attachedTo(r.VolumeId)); len(owner) > 0 && string(owner) != r.NodeId {
		return nil, status.Error(codes.FailedPrecondition, "the disk is attached to "+string(owner))
	}
	if _, err := os.Stat(d.attachedTo(r.VolumeId)); err != nil && d.placesLeft() <= 0 {
		return nil, status.Error(codes.ResourceExhausted, "the node has no place for another disk")
	}
	if err := os.WriteFile(d.attachedTo(r.VolumeId), []byte(r.NodeId), 0o600); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.ControllerPublishVolumeResponse{PublishContext: map[string]string{"disk": d.folderOf(r.VolumeId), "of": r.NodeId}}, nil
}

func (d *driver) ControllerUnpublishVolume(_ context.Context, r *csi.ControllerUnpublishVolumeRequest) (*csi.ControllerUnpublishVolumeResponse, error) {
	if err := os.Remove(d.attachedTo(r.VolumeId)); err != nil && !os.IsNotExist(err) {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.ControllerUnpublishVolumeResponse{}, nil
}

// ControllerExpandVolume leaves all the work to the node that has the disk.
func (d *driver) ControllerExpandVolume(_ context.Context, r *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: r.GetCapacityRange().GetRequiredBytes(), NodeExpansionRequired: true}, nil
}

func (d *driver) NodeStageVolume(_ context.Context, r *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	owner, _ := os.ReadFile(d.attachedTo(r.VolumeId))
	if r.PublishContext["of"] != d.node || string(owner) != d.node {
		return nil, status.Error(codes.FailedPrecondition, fmt.Sprintf("the disk is attached to %q, and this is %s", owner, d.node))
	}
	return &csi.NodeStageVolumeResponse{}, bind(r.PublishContext["disk"], r.StagingTargetPath)
}

func (d *driver) NodeUnstageVolume(_ context.Context, r *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	return &csi.NodeUnstageVolumeResponse{}, unbind(r.StagingTargetPath)
}

func (d *driver) NodeExpandVolume(_ context.Context, r *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	if !isMounted(r.VolumePath) || !isMounted(r.StagingTargetPath) {
		return nil, status.Error(codes.NotFound, "the volume is not in use here")
	}
	sizeBytes := r.GetCapacityRange().GetRequiredBytes()
	if err := unix.Mount("", d.folderOf(r.VolumeId), "", unix.MS_REMOUNT, fmt.Sprintf("size=%d", sizeBytes)); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: sizeBytes}, nil
}

// makeInline makes a volume that lives as long as its pod, and writes into it for whom it is.
func (d *driver) makeInline(r *csi.NodePublishVolumeRequest) error {
	folder := d.folderOf(r.VolumeId)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	text, _ := json.Marshal(r.VolumeContext)
	if err := os.WriteFile(filepath.Join(folder, "context"), text, 0o644); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

// removeInline tells inline volumes by their ids, which are the kubelet's and not this driver's.
func (d *driver) removeInline(volumeID string) error {
	if !strings.HasPrefix(volumeID, "csi-") {
		return nil
	}
	return os.RemoveAll(d.folderOf(volumeID))
}

// journalTo notes each call that changed something: its method and its request, one JSON object a line.
func journalTo(file string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		answer, err := handle(ctx, request)
		method := filepath.Base(info.FullMethod)
		if message, ok := request.(proto.Message); ok && file != "" && err == nil && strings.HasSuffix(method, "Volume") {
			text, _ := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
			if journal, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
				_, _ = fmt.Fprintf(journal, "{\"method\":%q,\"request\":%s}\n", method, text)
				_ = journal.Close()
			}
		}
		return answer, err
	}
}
